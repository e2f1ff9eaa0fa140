// Kinds of values and types of expressions: TYPE(NAME, "word", "full name"). The word stands in
// signatures and messages, the full name is what type() gives. Include with TYPE defined.
// A register or constant has one of these at run time, DYN apart: it is what the checker knows
// when it knows nothing.
TYPE(NONE, "none", "") // no value yet; never visible to rules
TYPE(NULL, "null", "null_type")
TYPE(BOOL, "bool", "bool")
TYPE(INT, "int", "int")
TYPE(UINT, "uint", "uint")
TYPE(DOUBLE, "double", "double")
TYPE(STRING, "string", "string")
TYPE(BYTES, "bytes", "bytes")
TYPE(DURATION, "duration", "google.protobuf.Duration")
TYPE(TIMESTAMP, "timestamp", "google.protobuf.Timestamp")
TYPE(LIST, "list", "list")
TYPE(MAP, "map", "map")
TYPE(TYPE, "type", "type")
TYPE(OPTIONAL, "optional", "optional_type")
TYPE(IP, "ip", "net.IP")
TYPE(CIDR, "cidr", "net.CIDR")
TYPE(CIDRS, "cidrs", "")   // a compiled set of networks
TYPE(SECRET, "secret", "") // a text that is compared, hashed and sent, but never shown
TYPE(HEADERS, "headers", "")
TYPE(REGEX, "regex", "")     // a compiled pattern, in place of its text
TYPE(ZONE, "zone", "")       // a time zone, in place of its name
TYPE(BUILDER, "builder", "") // a list or map under construction
TYPE(ERROR, "error", "")     // a failed evaluation, kept for `&&`, `||` and lets
TYPE(DYN, "dyn", "")
