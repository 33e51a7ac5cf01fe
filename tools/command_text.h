/* tools/command_text.h - what the man page and --help of each command say at length: paragraphs,
 * then NULL.  tools/rows_*.c have the rest.
 */
#ifndef TOOLS_COMMAND_TEXT_H
#define TOOLS_COMMAND_TEXT_H

extern const char *const tools_command_text_create[];
extern const char *const tools_command_text_init[];
extern const char *const tools_command_text_key_show[];
extern const char *const tools_command_text_key_make[];
extern const char *const tools_command_text_key_encrypt[];
extern const char *const tools_command_text_key_decrypt[];
extern const char *const tools_command_text_key_backup[];
extern const char *const tools_command_text_publish[];
extern const char *const tools_command_text_withdraw[];
extern const char *const tools_command_text_reindex[];
extern const char *const tools_command_text_search[];
extern const char *const tools_command_text_show[];
extern const char *const tools_command_text_prove[];
extern const char *const tools_command_text_verify[];
extern const char *const tools_command_text_join[];
extern const char *const tools_command_text_charter_show[];
extern const char *const tools_command_text_charter_propose[];
extern const char *const tools_command_text_charter_sign[];
extern const char *const tools_command_text_charter_submit[];
extern const char *const tools_command_text_charter_vote[];
extern const char *const tools_command_text_charter_conflict[];
extern const char *const tools_command_text_charter_list[];
extern const char *const tools_command_text_fork[];
extern const char *const tools_command_text_export[];
extern const char *const tools_command_text_health[];
extern const char *const tools_command_text_bundle_export[];
extern const char *const tools_command_text_bundle_import[];
extern const char *const tools_command_text_bundle_vector[];
extern const char *const tools_command_text_audit[];
extern const char *const tools_command_text_pull[];
extern const char *const tools_command_text_status[];
extern const char *const tools_command_text_members[];
extern const char *const tools_command_text_stop[];
extern const char *const tools_command_text_key_delegate[];
extern const char *const tools_command_text_key_withdraw[];
extern const char *const tools_command_text_nodes[];
extern const char *const tools_command_text_key_rotate[];

#endif
