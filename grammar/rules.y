// The grammar of weir. Actions build nodes and nothing else.
//
// No state takes both a name and a keyword that falls back to one, or Lemon would misread in
// silence: a test holds this over Lemon's report.
%include {
// The template's assertions and its trace would need stdio.
#ifndef NDEBUG
#define NDEBUG
#endif
#include "engine/base/limits.h"
#include "grammar/recovery.h"
#include "grammar/rules_parser.h"
#include "grammar/statement.h"

#define Weir_ENGINEALWAYSONSTACK 1 // no malloc: the parser is a piece of an arena

// Of Lemon's template, not of the actions.
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#ifdef __clang__
#pragma clang diagnostic ignored "-Wframe-larger-than=" // one frame, never two
#endif
}
%token_prefix T_
%name Weir
%extra_context {struct build *build}
%token_type {struct token}
%default_type {struct token}
%stack_size 1024
%stack_overflow { recovery_overflow(build); }
// Nothing can be left out of an expression text, or of the end of any.
%parse_failure { build->stopped = true; }
%syntax_error { recovery_report(build, yymajor, TOKEN); }

%token ID RESERVED RCURLY BROKEN.
%fallback ID SHADOW SAMPLE BY ON_ERROR WHEN ON FIRST INCLUDE GROUP RULE LIMITER SERVICE TEST CONFIG
  PER CONCURRENT
  SET ADD DEFAULT REMOVE DENY RESPOND REDIRECT EXEMPT REQUIRE SKIP REROUTE LIMIT CHARGE REFUND BAN
  CAP AT LOG COUNT TAG
  BODY JSON HEADERS GRPC_STATUS DETAILS TO SCHEME HOST PATH QUERY COST
  WITH SEND EXPECT WAIT WORKER FROM TRAILERS UPSTREAM.
%fallback RESERVED LET ELSE FOR.

%type items {struct items}
%type item {struct item *}
%type clauses {struct clauses}
%type clause {struct clause *}
%type rate {struct rate}
%type options {struct options}
%type option {struct option *}
%type actions {struct actions}
%type action {struct action *}
%type final {struct action *}
%type else {struct otherwise}
%type status {struct expr *}
%type places {struct parts}
%type place {struct reply_part *}
%type cost {struct expr *}
%type reply {struct parts}
%type target {struct expr *}
%type steps {struct steps}
%type step {struct step *}
%type exchange {struct step *}
%type sending {struct step *}
%type answered {struct step *}
%type expr {struct expr *}
%type or {struct chain}
%type and {struct chain}
%type rel {struct expr *}
%type relop {enum operator}
%type add {struct chain}
%type mul {struct expr *}
%type unary {struct expr *}
%type member {struct expr *}
%type primary {struct expr *}
%type args {struct exprs}
%type exprs {struct exprs}
%type elems {struct exprs}
%type elem {struct expr *}
%type entries {struct exprs}
%type entry {struct exprs}

file ::= items(L). { build->parse->items = L.first; }
// The driver gives EXPRESSION first when one expression is wanted.
file ::= EXPRESSION expr(E). { build->parse->expression = E; }

// ---- items ----
items(A) ::= . { A = (struct items){NULL, NULL}; }
items(A) ::= items(A) item(I). { statement_items(build, &A, I); }

item(A) ::= INCLUDE(W) STRING(S). { A = statement_titled(build, ITEM_INCLUDE, &W, &S); }
item(A) ::= LET(W) ID(N) ASSIGN expr(E). {
    A = statement_named(build, ITEM_LET, &W, &N);
    A->value = E;
}
item(A) ::= LIMITER(W) ID(N) open rate(R) options(L) RBRACE. {
    A = statement_named(build, ITEM_LIMITER, &W, &N);
    A->rate = R.count;
    A->period = R.period;
    A->options = L.first;
}
item(A) ::= SERVICE(W) ID(N) open options(L) RBRACE. {
    A = statement_named(build, ITEM_SERVICE, &W, &N);
    A->options = L.first;
}
item(A) ::= GROUP(W) ID(N) clauses(C) group_open items(L) RBRACE. {
    A = statement_group(build, &W, &N, C.first, L.first);
}
item(A) ::= RULE(W) ID(N) clauses(C) open actions(L) RBRACE. {
    A = statement_rule(build, &W, &N, C.first, L.first);
}
item(A) ::= CONFIG(W) expr(E). {
    A = statement_item(build, ITEM_CONFIG, &W);
    A->value = E;
}
item(A) ::= TEST(W) STRING(S) open steps(L) RBRACE. {
    A = statement_titled(build, ITEM_TEST, &W, &S);
    A->steps = L.first;
}
item(A) ::= error. { build->recovery = RECOVERY_ITEMS; A = NULL; }

// Told apart from the brace of a map before the token behind them is read.
open ::= LBRACE. { brackets_mark(&build->brackets, BRACKET_BLOCK); }
group_open ::= LBRACE. { brackets_mark(&build->brackets, BRACKET_GROUP); }

// ---- clauses ----
clauses(A) ::= . { A = (struct clauses){NULL, NULL}; }
clauses(A) ::= clauses(A) clause(C). { statement_clauses(build, &A, C); }

clause(A) ::= ON(W) ID(N). { A = statement_clause_word(build, CLAUSE_ON, &W, &N); }
clause(A) ::= WHEN(W) expr(E). {
    A = statement_clause(build, CLAUSE_WHEN, &W);
    A->value = E;
}
clause(A) ::= SHADOW(W). { A = statement_clause(build, CLAUSE_SHADOW, &W); }
clause(A) ::= FIRST(W). { A = statement_clause(build, CLAUSE_FIRST, &W); }
clause(A) ::= SAMPLE(W) expr(E). {
    A = statement_clause(build, CLAUSE_SAMPLE, &W);
    A->value = E;
}
clause(A) ::= SAMPLE(W) expr(E) BY expr(K). {
    A = statement_clause(build, CLAUSE_SAMPLE, &W);
    A->value = E;
    A->by = K;
}
clause(A) ::= ON_ERROR(W) ID(N). { A = statement_clause_word(build, CLAUSE_ON_ERROR, &W, &N); }
clause(A) ::= error. { build->recovery = RECOVERY_CLAUSES; A = NULL; }

// ---- limiters and services ----
rate(A) ::= expr(N) PER expr(P). { A = (struct rate){N, P}; }
rate(A) ::= expr(N) CONCURRENT. { A = (struct rate){N, NULL}; }
rate(A) ::= error. { build->recovery = RECOVERY_OPTIONS; A = (struct rate){NULL, NULL}; }

options(A) ::= . { A = (struct options){NULL, NULL}; }
options(A) ::= options(A) option(O). { statement_options(build, &A, O); }

option(A) ::= ID(N) exprs(V). { A = statement_option(build, &N, &V); }
option(A) ::= error. { build->recovery = RECOVERY_OPTIONS; A = NULL; }

// ---- actions ----
actions(A) ::= . { A = (struct actions){NULL, NULL, false}; }
actions(A) ::= actions(A) action(N). { statement_actions(build, &A, N); }

action(A) ::= SET(W) target(T) ASSIGN expr(E). {
    A = statement_edit(build, ACTION_SET, &W, T, E);
}
action(A) ::= ADD(W) target(T) ASSIGN expr(E). {
    A = statement_edit(build, ACTION_ADD, &W, T, E);
}
action(A) ::= DEFAULT(W) target(T) ASSIGN expr(E). {
    A = statement_edit(build, ACTION_DEFAULT, &W, T, E);
}
action(A) ::= REMOVE(W) target(T). { A = statement_edit(build, ACTION_REMOVE, &W, T, NULL); }
action(A) ::= final(F). { A = F; }
action(A) ::= REROUTE(W). { A = statement_action(build, ACTION_REROUTE, &W); }
action(A) ::= REQUIRE(W) expr(E) else(O). {
    A = statement_else(build, statement_edit(build, ACTION_REQUIRE, &W, NULL, E), &O);
}
action(A) ::= LIMIT(W) ID(N) cost(C) else(O). {
    A = statement_else(build, statement_on_name(build, ACTION_LIMIT, &W, &N, C), &O);
}
action(A) ::= CHARGE(W) ID(N) cost(C). {
    A = statement_on_name(build, ACTION_CHARGE, &W, &N, C);
}
action(A) ::= REFUND(W) ID(N) cost(C). {
    A = statement_on_name(build, ACTION_REFUND, &W, &N, C);
}
action(A) ::= BAN(W) ID(N) FOR expr(E). { A = statement_on_name(build, ACTION_BAN, &W, &N, E); }
action(A) ::= CAP(W) target(T) AT expr(E) else(O). {
    A = statement_else(build, statement_edit(build, ACTION_CAP, &W, T, E), &O);
}
action(A) ::= LOG(W) ID(N) expr(E). { A = statement_on_name(build, ACTION_LOG, &W, &N, E); }
action(A) ::= COUNT(W) ID(N). { A = statement_on_name(build, ACTION_COUNT, &W, &N, NULL); }
action(A) ::= COUNT(W) ID(N) BY expr(E). { A = statement_on_name(build, ACTION_COUNT, &W, &N, E); }
action(A) ::= TAG(W) ID(N) ASSIGN expr(E). { A = statement_on_name(build, ACTION_TAG, &W, &N, E); }
action(A) ::= error. { build->recovery = RECOVERY_ACTIONS; A = NULL; }

final(A) ::= DENY(W) reply(R). { A = statement_reply(build, ACTION_DENY, &W, NULL, R.first); }
final(A) ::= DENY(W) status(S) reply(R). { A = statement_reply(build, ACTION_DENY, &W, S, R.first); }
final(A) ::= RESPOND(W) status(S) reply(R). {
    A = statement_reply(build, ACTION_RESPOND, &W, S, R.first);
}
final(A) ::= REDIRECT(W) places(R). { A = statement_reply(build, ACTION_REDIRECT, &W, NULL, R.first); }
final(A) ::= REDIRECT(W) status(S) places(R). {
    A = statement_reply(build, ACTION_REDIRECT, &W, S, R.first);
}
final(A) ::= EXEMPT(W). { A = statement_action(build, ACTION_EXEMPT, &W); }
final(A) ::= SKIP(W). { A = statement_action(build, ACTION_SKIP, &W); }

else(A) ::= . { A = (struct otherwise){false, NULL}; }
else(A) ::= ELSE action(N). { A = statement_one(build, N); }
else(A) ::= ELSE open actions(L) RBRACE. { A = (struct otherwise){true, L.first}; }

status(A) ::= INT(T). { A = build_literal(build, &T, TYPE_INT); }
status(A) ::= LPAREN(B) expr(E) RPAREN(C). { A = build_parentheses(build, &B, E, &C); }

places(A) ::= place(P). {
    A = (struct parts){NULL, NULL};
    statement_parts(build, &A, P);
}
places(A) ::= places(A) place(P). { statement_parts(build, &A, P); }
place(A) ::= TO(W) expr(E). { A = statement_part(build, REPLY_PART_TO, &W, E); }
place(A) ::= SCHEME(W) expr(E). { A = statement_part(build, REPLY_PART_SCHEME, &W, E); }
place(A) ::= HOST(W) expr(E). { A = statement_part(build, REPLY_PART_HOST, &W, E); }
place(A) ::= PATH(W) expr(E). { A = statement_part(build, REPLY_PART_PATH, &W, E); }
place(A) ::= QUERY(W) expr(E). { A = statement_part(build, REPLY_PART_QUERY, &W, E); }

cost(A) ::= . { A = NULL; }
cost(A) ::= COST expr(E). { A = E; }

reply(A) ::= . { A = (struct parts){NULL, NULL}; }
reply(A) ::= reply(A) BODY(W) expr(E). {
    statement_parts(build, &A, statement_part(build, REPLY_PART_BODY, &W, E));
}
reply(A) ::= reply(A) JSON(W) expr(E). {
    statement_parts(build, &A, statement_part(build, REPLY_PART_JSON, &W, E));
}
reply(A) ::= reply(A) HEADERS(W) expr(E). {
    statement_parts(build, &A, statement_part(build, REPLY_PART_HEADERS, &W, E));
}
reply(A) ::= reply(A) GRPC_STATUS(W) expr(E). {
    statement_parts(build, &A, statement_part(build, REPLY_PART_GRPC_STATUS, &W, E));
}
reply(A) ::= reply(A) DETAILS(W) expr(E). {
    statement_parts(build, &A, statement_part(build, REPLY_PART_DETAILS, &W, E));
}

target(A) ::= member(E). { A = E; }

// ---- steps of tests ----
steps(A) ::= . { A = (struct steps){NULL, NULL}; }
steps(A) ::= steps(A) step(S). { statement_steps(build, &A, S); }

step(A) ::= exchange(E). { A = E; }
step(A) ::= WORKER(W) INT(N) exchange(E). { A = statement_worker(build, &W, &N, E); }
step(A) ::= CONFIG(W) expr(E). { A = statement_step(build, STEP_CONFIG, &W, E); }
step(A) ::= LET(W) ID(N) ASSIGN expr(E). {
    A = statement_step(build, STEP_LET, &W, E);
    A->name = build_text(build, &N);
}
step(A) ::= EXPECT(W) expr(E). { A = statement_step(build, STEP_EXPECT, &W, E); }
step(A) ::= WAIT(W) expr(E). { A = statement_step(build, STEP_WAIT, &W, E); }
step(A) ::= error. { build->recovery = RECOVERY_STEPS; A = NULL; }

exchange(A) ::= sending(S). { A = S; }
exchange(A) ::= answered(S). { A = S; }

sending(A) ::= SEND(W) ID(M) expr(U). {
    A = statement_step(build, STEP_SEND, &W, NULL);
    A->exchange.method = build_text(build, &M);
    A->exchange.url = U;
}
sending(A) ::= sending(A) HEADERS(W) expr(E). {
    statement_place(build, &A->exchange.headers, &W, E);
}
sending(A) ::= sending(A) BODY(W) expr(E). { statement_place(build, &A->exchange.body, &W, E); }
sending(A) ::= sending(A) TRAILERS(W) expr(E). {
    statement_place(build, &A->exchange.trailers, &W, E);
}
sending(A) ::= sending(A) FROM(W) expr(E). { statement_place(build, &A->exchange.from, &W, E); }
sending(A) ::= sending(A) WITH(W) expr(E). { statement_place(build, &A->exchange.with, &W, E); }

answered(A) ::= sending(A) UPSTREAM(W) expr(E). {
    statement_place(build, &A->exchange.upstream_status, &W, E);
}
answered(A) ::= answered(A) HEADERS(W) expr(E). {
    statement_place(build, &A->exchange.upstream_headers, &W, E);
}
answered(A) ::= answered(A) BODY(W) expr(E). {
    statement_place(build, &A->exchange.upstream_body, &W, E);
}
answered(A) ::= answered(A) TRAILERS(W) expr(E). {
    statement_place(build, &A->exchange.upstream_trailers, &W, E);
}

// ---- expressions: the grammar of the CEL language definition, without message literals ----
expr(A) ::= or(C). { A = C.expr; }
expr(A) ::= or(C) QUESTION or(Y) COLON expr(N). {
    A = build_choice(build, C.expr, Y.expr, N);
}
or(A) ::= and(C). { A = (struct chain){C.expr, NULL}; }
or(A) ::= or(A) OR and(R). { build_chain(build, OPERATOR_OR, &A, R.expr); }
and(A) ::= rel(E). { A = (struct chain){E, NULL}; }
and(A) ::= and(A) AND rel(R). { build_chain(build, OPERATOR_AND, &A, R); }
rel(A) ::= add(C). { A = C.expr; }
rel(A) ::= rel(L) relop(O) add(R). { A = build_binary(build, O, L, R.expr); }
relop(A) ::= LT. { A = OPERATOR_LT; }
relop(A) ::= LE. { A = OPERATOR_LE; }
relop(A) ::= GT. { A = OPERATOR_GT; }
relop(A) ::= GE. { A = OPERATOR_GE; }
relop(A) ::= EQ. { A = OPERATOR_EQ; }
relop(A) ::= NE. { A = OPERATOR_NE; }
relop(A) ::= IN. { A = OPERATOR_IN; }
add(A) ::= mul(E). { A = (struct chain){E, NULL}; }
add(A) ::= add(A) PLUS mul(R). { build_chain(build, OPERATOR_ADD, &A, R); }
add(A) ::= add(L) MINUS mul(R). {
    A = (struct chain){build_binary(build, OPERATOR_SUBTRACT, L.expr, R), NULL};
}
mul(A) ::= unary(E). { A = E; }
mul(A) ::= mul(L) STAR unary(R). { A = build_binary(build, OPERATOR_MULTIPLY, L, R); }
mul(A) ::= mul(L) SLASH unary(R). { A = build_binary(build, OPERATOR_DIVIDE, L, R); }
mul(A) ::= mul(L) PERCENT unary(R). { A = build_binary(build, OPERATOR_MODULO, L, R); }
unary(A) ::= member(E). { A = E; }
unary(A) ::= NOT(S) unary(E). { A = build_prefix(build, OPERATOR_NOT, &S, E); }
unary(A) ::= MINUS(S) unary(E). { A = build_prefix(build, OPERATOR_NEGATE, &S, E); }

member(A) ::= primary(E). { A = E; }
member(A) ::= member(E) DOT selector(N). { A = build_select(build, E, &N, false); }
member(A) ::= member(E) DOT QUOTED(N). { A = build_select(build, E, &N, false); }
member(A) ::= member(E) DOT selector(N) LPAREN args(L) RPAREN(C). {
    A = build_method(build, E, &N, &L, &C);
}
member(A) ::= member(E) DOT QUESTION selector(N). { A = build_select(build, E, &N, true); }
member(A) ::= member(E) DOT QUESTION QUOTED(N). { A = build_select(build, E, &N, true); }
member(A) ::= member(E) LBRACK expr(I) RBRACK(C). { A = build_index(build, E, I, false, &C); }
member(A) ::= member(E) LBRACK QUESTION expr(I) RBRACK(C). {
    A = build_index(build, E, I, true, &C);
}

primary(A) ::= ID(N). { A = build_name(build, &N, &N); }
primary(A) ::= DOT(D) ID(N). { A = build_name(build, &D, &N); }
primary(A) ::= ID(N) LPAREN args(L) RPAREN(C). { A = build_call(build, &N, &N, &L, &C); }
primary(A) ::= DOT(D) ID(N) LPAREN args(L) RPAREN(C). { A = build_call(build, &D, &N, &L, &C); }
primary(A) ::= LPAREN(B) expr(E) RPAREN(C). { A = build_parentheses(build, &B, E, &C); }
primary(A) ::= LBRACK(B) RBRACK(C). { A = build_list(build, &B, &(struct exprs){NULL, NULL, 0}, &C); }
primary(A) ::= LBRACK(B) elems(L) RBRACK(C). { A = build_list(build, &B, &L, &C); }
primary(A) ::= LBRACK(B) elems(L) COMMA RBRACK(C). { A = build_list(build, &B, &L, &C); }
primary(A) ::= LBRACE(B) RBRACE(C). { A = build_map(build, &B, &(struct exprs){NULL, NULL, 0}, &C); }
primary(A) ::= LBRACE(B) entries(L) RCURLY(C). { A = build_map(build, &B, &L, &C); }
primary(A) ::= LBRACE(B) entries(L) COMMA RCURLY(C). { A = build_map(build, &B, &L, &C); }
primary(A) ::= INT(T). { A = build_literal(build, &T, TYPE_INT); }
primary(A) ::= UINT(T). { A = build_literal(build, &T, TYPE_UINT); }
primary(A) ::= DOUBLE(T). { A = build_literal(build, &T, TYPE_DOUBLE); }
primary(A) ::= DURATION(T). { A = build_literal(build, &T, TYPE_DURATION); }
primary(A) ::= STRING(T). { A = build_literal(build, &T, TYPE_STRING); }
primary(A) ::= BYTES(T). { A = build_literal(build, &T, TYPE_BYTES); }
primary(A) ::= TRUE(T). { A = build_literal(build, &T, TYPE_BOOL); }
primary(A) ::= FALSE(T). { A = build_literal(build, &T, TYPE_BOOL); }
primary(A) ::= NULL(T). { A = build_literal(build, &T, TYPE_NULL); }

selector(A) ::= ID(N). { A = N; }
selector(A) ::= RESERVED(N). { A = N; }

args(A) ::= . { A = (struct exprs){NULL, NULL, 0}; }
args(A) ::= exprs(L). { A = L; }
exprs(A) ::= expr(E). { A = build_one(build, E); }
exprs(A) ::= exprs(A) COMMA expr(E). { build_more(build, &A, E); }
elems(A) ::= elem(E). { A = build_one(build, E); }
elems(A) ::= elems(A) COMMA elem(E). { build_more(build, &A, E); }
elem(A) ::= expr(E). { A = E; }
elem(A) ::= QUESTION expr(E). { A = build_entry(E); }
entries(A) ::= entry(E). { A = E; }
entries(A) ::= entries(A) COMMA entry(E). { build_join(build, &A, &E); }
entry(A) ::= expr(K) COLON expr(V). {
    A = build_one(build, K);
    build_more(build, &A, V);
}
entry(A) ::= QUESTION expr(K) COLON expr(V). {
    A = build_one(build, build_entry(K));
    build_more(build, &A, V);
}

%code {
_Static_assert(YYSTACKDEPTH == LIMIT_PARSER_STACK, "the stack is as deep as limits.h says");

size_t WeirBytes(void) {
    return sizeof(yyParser);
}

void WeirSettled(void *parser) {
    ((yyParser *)parser)->yyerrcnt = -1;
}
}
