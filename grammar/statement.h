// Items, clauses, options, actions and steps as the grammar makes them, and what it says about
// lists of them: twice, after a final one, without `else`.
#ifndef WEIR_GRAMMAR_STATEMENT_H
#define WEIR_GRAMMAR_STATEMENT_H

#include "grammar/build.h"

// Elements may be NULL: they held an error and are left out.
struct items statement_items(struct build *build, struct items list, struct item *item);
struct clauses statement_clauses(struct build *build, struct clauses list, struct clause *clause);
struct options statement_options(struct build *build, struct options list, struct option *option);
struct actions statement_actions(struct build *build, struct actions list, struct action *action);
struct parts statement_parts(struct build *build, struct parts list, struct reply_part *part);
struct steps statement_steps(struct build *build, struct steps list, struct step *step);

struct item *statement_item(struct build *build, enum item_kind kind, struct token word);
struct item *statement_named(struct build *build, enum item_kind kind, struct token word,
                             struct token name);
// INCLUDE and TEST, whose name is a string.
struct item *statement_titled(struct build *build, enum item_kind kind, struct token word,
                              struct token title);
struct item *statement_group(struct build *build, struct token word, struct token name,
                             struct clauses clauses, struct items items);
struct item *statement_rule(struct build *build, struct token word, struct token name,
                            struct clauses clauses, struct actions actions);

struct clause *statement_clause(struct build *build, enum clause_kind kind, struct token word);
struct clause *statement_clause_word(struct build *build, enum clause_kind kind, struct token word,
                                     struct token argument);

struct option *statement_option(struct build *build, struct token name, struct exprs values);

struct action *statement_action(struct build *build, enum action_kind kind, struct token word);
struct action *statement_edit(struct build *build, enum action_kind kind, struct token word,
                              struct expr *target, struct expr *value);
struct action *statement_on_name(struct build *build, enum action_kind kind, struct token word,
                                 struct token name, struct expr *value);
struct action *statement_reply(struct build *build, enum action_kind kind, struct token word,
                               struct expr *status, struct parts parts);
struct action *statement_else(struct build *build, struct action *action,
                              struct otherwise otherwise);
struct otherwise statement_one(struct build *build, struct action *action);

struct reply_part *statement_part(struct build *build, enum reply_part_kind kind, struct token word,
                                  struct expr *value);

struct step *statement_step(struct build *build, enum step_kind kind, struct token word,
                            struct expr *value);
// Sets one of the exchange's places, which may not be given twice.
void statement_place(struct build *build, struct expr **place, struct token word,
                     struct expr *value);
struct step *statement_worker(struct build *build, struct token word, struct token number,
                              struct step *step);

#endif
