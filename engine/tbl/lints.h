// What `weir check` warns of: LINT(NAME, code, "message", "what it finds, for the documents").
// {0}, {1} … are the arguments of the report. A code is never reused for another meaning.

// W01xx: paths, hosts, patterns
LINT(RAW_PATH, 101, "`request.path` ends with the query, and this text has none",
     "`request.path` compared with a text without `?`: a query makes it another")
LINT(RAW_RESTRICTS, 102, "`{0}` is as the client wrote it: `//a`, `/%61` and `/b/../a` pass",
     "`request.url_path`, or the beginning of `request.path`, in a rule that restricts")
LINT(UNANCHORED, 103, "this pattern may match anywhere in {0}",
     "`matches` with a constant that is not held by `^` and `$`, on a path, a host, an origin or a "
     "SPIFFE id")
LINT(DOMAIN_END, 104, "`{0}` is also the end of other domains",
     "`endsWith(\"x.y\")` without a dot in front")

// W02xx: headers
LINT(BARE_HEADER, 201, "a header that is absent is \"\" here",
     "a bare header in `by`, `hash` or `pick`, or compared with data of `config` or a secret")
LINT(JOINED_VALUE, 202, "who sends `{0}` twice gets by: the values are one text here",
     "a rule that restricts what it sees in the joined value of a header that may be repeated")
LINT(NO_REROUTE, 203, "a proxy may keep the route that it chose before this was set",
     "a header, or a part of the address, that routes are chosen by, set without `reroute`")

// W03xx: the order of rules
LINT(UNREACHABLE, 301, "rule `{0}` never runs",
     "a rule behind one that always ends the request, its `first` group or, by `skip`, its group; "
     "one whose condition is `false`")
LINT(EXEMPT_ABOVE, 302, "whom this exempts is refused by no rule below: {0}, from `{1}` on",
     "`exempt` above rules that restrict")
LINT(ALWAYS_DENIES, 303, "this refuses every request", "a denial without any condition")

// W04xx: names
LINT(UNUSED_LET, 401, "the let `{0}` is used nowhere", "a let that nothing uses")
LINT(UNUSED_LIMITER, 402, "no rule uses the limiter `{0}`", "a limiter that no rule uses")

// W05xx: what is shown
LINT(SECRET_IN_JSON, 501, "this spells out `{0}` of the configuration",
     "`json` of a part of `config` that has a key like `password` or `api_key`")
LINT(SECRET_SHOWN, 502, "the header `{0}` holds a secret since rule `{1}`, and this shows it",
     "a header of the request that a rule sets to a secret, shown by a later one: logged, counted by, "
     "or sent to the client")

// W09xx: lints themselves
LINT(IGNORES_NOTHING, 901, "there is no {0} here to be ignored",
     "a comment `weir:ignore` with a code that would not have been reported there")
