// Who a request says it is: values of `authorization`, and SPIFFE ids of certificates.
#ifndef WEIR_LIB_CREDENTIALS_H
#define WEIR_LIB_CREDENTIALS_H

#include "engine/lib/call.h"

// User and password of basic authentication (RFC 7617), both empty where there is none or where it
// is malformed: no base64, no colon, no UTF-8, control characters. FAILURE_STEPS or _NO_MEMORY.
enum failure credentials_basic(struct call *call, slice header, slice *user, slice *password);

// The token of RFC 6750, empty where there is none or where it is malformed.
slice credentials_bearer(slice header);

enum { SPIFFE_TRUST_DOMAIN, SPIFFE_NAMESPACE, SPIFFE_ACCOUNT, SPIFFE_PARTS };

// Of `spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT`, as Istio names workloads. Of another path
// only the trust domain is told, of another URI nothing.
void credentials_spiffe(slice uri, slice parts[SPIFFE_PARTS]);

#endif
