// Items, clauses, options, actions and steps as the grammar makes them, and what it says about
// lists of them: twice, after a final one, without `else`.
#ifndef WEIR_GRAMMAR_STATEMENT_H
#define WEIR_GRAMMAR_STATEMENT_H

#include "grammar/build.h"

// Append to a list. Elements may be NULL: they held an error and are left out.
void statement_items(struct build *build, struct items *list, struct item *item);
void statement_clauses(struct build *build, struct clauses *list, struct clause *clause);
void statement_options(struct build *build, struct options *list, struct option *option);
void statement_actions(struct build *build, struct actions *list, struct action *action);
void statement_parts(struct build *build, struct parts *list, struct reply_part *part);
void statement_steps(struct build *build, struct steps *list, struct step *step);

struct item *statement_item(struct build *build, enum item_kind kind, const struct token *word);
struct item *statement_named(struct build *build, enum item_kind kind, const struct token *word,
                             const struct token *name);
// INCLUDE and TEST, whose name is a string.
struct item *statement_titled(struct build *build, enum item_kind kind, const struct token *word,
                              const struct token *title);
struct item *statement_group(struct build *build, const struct token *word,
                             const struct token *name, struct clause *clauses, struct item *items);
struct item *statement_rule(struct build *build, const struct token *word, const struct token *name,
                            struct clause *clauses, struct action *actions);

struct clause *statement_clause(struct build *build, enum clause_kind kind,
                                const struct token *word);
struct clause *statement_clause_word(struct build *build, enum clause_kind kind,
                                     const struct token *word, const struct token *argument);

struct option *statement_option(struct build *build, const struct token *name,
                                const struct exprs *values);

struct action *statement_action(struct build *build, enum action_kind kind,
                                const struct token *word);
struct action *statement_edit(struct build *build, enum action_kind kind, const struct token *word,
                              struct expr *target, struct expr *value);
struct action *statement_on_name(struct build *build, enum action_kind kind,
                                 const struct token *word, const struct token *name,
                                 struct expr *value);
struct action *statement_reply(struct build *build, enum action_kind kind, const struct token *word,
                               struct expr *status, struct reply_part *parts);
struct action *statement_else(struct build *build, struct action *action,
                              const struct otherwise *otherwise);
struct otherwise statement_one(struct build *build, struct action *action);

struct reply_part *statement_part(struct build *build, enum reply_part_kind kind,
                                  const struct token *word, struct expr *value);

struct step *statement_step(struct build *build, enum step_kind kind, const struct token *word,
                            struct expr *value);
// Sets one of the exchange's places, which may not be given twice.
void statement_place(struct build *build, struct expr **place, const struct token *word,
                     struct expr *value);
struct step *statement_worker(struct build *build, const struct token *word,
                              const struct token *number, struct step *step);

#endif
