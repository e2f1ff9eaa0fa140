// What `set`, `add`, `default` and `remove` may name beside headers: PLACE(NAME, FIELD, verbs). The
// field's row says which header it stands in. What cannot be told apart has no `add`; what is always
// there no `default`, and what no message can be without no `remove`.
PLACE(PATH, REQUEST_PATH, VERB_SET)
PLACE(URL_PATH, REQUEST_URL_PATH, VERB_SET)
PLACE(QUERY, REQUEST_QUERY, VERB_SET | VERB_DEFAULT | VERB_REMOVE)
PLACE(QUERY_PARAMS, REQUEST_QUERY_PARAMS, VERB_SET | VERB_ADD | VERB_DEFAULT | VERB_REMOVE)
PLACE(COOKIES, REQUEST_COOKIES, VERB_SET | VERB_ADD | VERB_DEFAULT | VERB_REMOVE)
PLACE(HOST, REQUEST_HOST, VERB_SET | VERB_DEFAULT)
PLACE(METHOD, REQUEST_METHOD, VERB_SET)
PLACE(CODE, RESPONSE_CODE, VERB_SET)
