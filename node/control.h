/* node/control.h - what the command asks of a node: the protocol, and the one who answers.
 *
 * The socket is <dir>/control.sock (Unix, 0600).  A frame is its length (u32 big-endian) and so
 * many bytes: one msgpack map.  Requests carry at most NODE_CONTROL_REQUEST_MAX bytes, replies
 * NODE_CONTROL_REPLY_MAX.  Each request gets one reply, in order; a client may send
 * NODE_CONTROL_WINDOW requests ahead of their replies.  A frame that breaks these rules ends the
 * connection.
 *
 *   request   {"op": name, ...}
 *   reply     {"ok": {...}}  or  {"error": {"code": word, "text": sentence for people}}
 *   codes     bad-request, not-found, busy, refused, no-key, key-rejected, partial, stale,
 *             unconfirmed, too-big, disk-full, timeout, failed, stopping
 *
 * Unknown keys and ops are refused.  [x] is optional, x|null may be null.  Times are text,
 * "2026-11-24T09:12:00Z"; hashes and keys are 64 hexadecimal digits.
 *
 * status   {} -> {version, federation: {name, id, amendment, conflicts: [number], profile:
 *          {licences: [text], vocabularies: [text], listing_bytes|null, listings|null,
 *          retention_days|null}}, member:
 * name|null, vector, listings, withdrawn, entries, store_bytes, index_bytes, index_missing (entries that are
 * not in the search index yet), uptime_s|null (null: fedcatd is not running), members: [{index, name, title, country, sector, entries, target, live,
 * over, withdrawn, state, newest: time|null, current: time|null, old, fork: {checkpoints:
 *          [{size, root}, {size, root}], first|null, entries|null}|null}],
 *          peers: [{member: name|null, address|null, direction: "in"|"out", greeted, equal,
 *          bytes_in, bytes_out, entries_in, entries_out, seconds, bytes_s (at which it answers; 0: not
 *          known), memory (that it makes us use), stalls (how often it left us
 *          waiting in vain since it answered last)}],
 *          work: {links_in, links_out, bytes_in, bytes_out, entries_in, entries_out,
 *          reads_waiting, reads_running, writes_waiting, writes_running}|null (null: no fedcatd),
 *          kept_out: [{member|null, offences, seconds, reason}], nodes that misbehaved, at most 16,
 *          and for how long they are not let in,
 *          fetching: {entries, bytes, bytes_s|null, seconds|null, waiting}|null (likewise), which are
 *          known of and lacking, what they will take on their way and how long, about, and whether
 *          they wait for pull,
 *          signing: {confirmed, answered, needed}|null (null: no key)}.  state is
 *          "empty", "complete", "partial", "broken" or "forked".  current is when the member last
 *          said that the newest checkpoint known here is its newest, and old that this is more than
 *          two days ago, or ahead of this node's clock.  fork: the checkpoints that no one log can
 * have, and, when their sizes differ, the entries that are others under each members  {} ->
 * {members: [as in status, with key, fingerprint, addresses]} show     {member, id, [lang]} ->
 * {member: {name, title, country, sector, key, fingerprint, state, current: time|null, old (all
 * three as in status)}, id, state: "current"|"withdrawn", listing|null, reason|null, entry: {index,
 * time, prev|null}, checkpoint: {size, root, note}|null, verified, verification, [receipt], [log]}.
 * receipt and log are URLs of the proof (node/evidence.h), in hits and items, too: not there when
 * the node's public-url is not set, but over HTTP always.  verified is the outcome of checking, on
 * this request, the entry's inclusion proof and the member's signature; verification says it in a
 * sentence, which numbers entries from 1 (index is from 0).  reason is why it was withdrawn prove
 * {member, id, [absent], [entry: index]} -> {member, id, claim: "current"|"withdrawn"|
 * "superseded"|"absent", entry: {index, time, newest: index}|null, size, receipt: text}. The
 * receipt (catalog/receipt.h) of the listing's newest entry, or of entry; with absent, of there
 * being none or of its withdrawal, and code refused when it is listed.  size is the checkpoint's
 * fork     {member} -> {member, fork: as in status, proof: base64 of the proof (catalog/fork.h)}
 * charter-line    {member, [after: entries]} -> {size, root, note: text}.  The newest checkpoint of
 *          the member's log of which all is here, and of no more entries than that, for an
 * amendment that draws a line; size 0 and no note: none charter-submit  {amendment: base64} ->
 * {number, taken}.  The node takes it, if enough of the council signed it, and tells the others;
 * number is that of its newest then.  code key-rejected or refused with the reason otherwise
 * charter-conflict {number} -> {number, hashes: [hash, hash], proof: base64 of the proof that the
 *          council signed two amendments of that number (catalog/conflict.h)}.  The first hash is
 *          of the one that counts; the numbers are in the status
 * charter-motions {} -> {motions: [{id, number, state: "open"|"early"|"expired"|"adopted"|
 *          "overtaken", member, time, expires, [voters: [name or fingerprint], signed, needed,
 *          council_changes, new_signed, new_needed], [amendment: base64 of its body]}]}.  The
 *          council's, by member; id is the amendment's hash.  What is in brackets is there of those
 *          that are open; the body as long as all of them are at most 2 MiB
 * charter-propose {amendment: base64 of a body, [days 1..365, default 14], [new_vote: base64 of a
 *          vote's body, by the key that the amendment gives us], [force_new_log]} -> as one that is
 *          open, and taken: whether the charter is amended now.  Puts a motion and our vote into
 *          our log
 * charter-vote    {id: at least 8 of its digits, [force_new_log]} -> likewise.  Puts our vote into
 *          our log
 * nodes    {[member]} -> {nodes: [{member, key, fingerprint, charter, state: "good"|"expired"|
 *          "withdrawn"|"suspended"|"expelled", role|null, expires: time|null, addresses: [text]}]}.
 *          The nodes that members name (catalog/node.h); charter: their charter does, too.  role,
 *          expires and addresses are what the log says
 * node-name       {key, [role: "publisher"|"mirror"|"leaf"], [days 1..3650, default 365],
 *          [addresses: [text]], [renew], [force_new_log]} -> as one of nodes, and changed.  Names a
 *          node in our member's log; what is not given stays as it was (a new one is a mirror
 *          without an address).  With renew nothing is written that is known already, for at least
 *          half of that time; code key-rejected if the key was withdrawn
 * node-withdraw   {key, [force_new_log]} -> likewise
 * search   {[text], [member], [country], [theme], [sector], [licence], [format], [access],
 *          [language], [keyword], [year], [doi], [usage: "research in KE", or with "no:" or
 *          "unknown:" before it], [since: date], [time: "1990..2000"],
 *          [bbox: "west,south,east,north"], [box: "meets"|"within"],
 *          [sort: "relevance"|"modified"|"entry"], [facets: "theme,year"|"all"], [cursor],
 *          [explain: "1"], [offset], [limit 1..100, default 20], [lang]} ->
 *          {total, [more: those with some of the words, which follow], offset, hits: [{member, id,
 * title, title_lang, snippet|null, snippet_lang|null, entry, score, modified|null, [usage:
 * "yes"|"no"|"unknown", usage_reason], [explanation], [receipt], [log]}], [cursor], [did_you_mean],
 *          [partial: true], [index_missing], [facets: {theme: [{value, count}], ..., [usage: {yes, no, unknown}]}]}.
 *          docs/search.md says what they mean.  All but offset and limit are text
 * changes  {as search, but facets, sort, offset and explain; [since: date or time]} -> {updated:
 *          time|null, items: [{member, id, title, title_lang, summary|null, summary_lang|null,
 *          publisher|null, keywords: [...], entry, updated: time, [receipt], [log]}], withdrawn:
 *          [{member, id, time, reason|null, entry}], [index_missing], [cursor]}.  What a search finds, as it came to
 *          this node, the newest first, and what was withdrawn (node/changes.h); of what was signed
 *          since, if that is given, else of all, and the newest withdrawals of the last 30 days.  A
 *          page may hold fewer than limit, or none; go on while there is a cursor
 * reindex  {[begin: true]} -> {done, more}.  Makes a part of the search index anew, from the start
 *          with begin; ask again while there is more.  Searches find everything meanwhile
 * suggest  {text} -> {words: [{word, count}]}.  Words of titles that begin as the last one does
 * export   {[member], [after], [limit 1..1000]} -> {items: [{member, id, listing, entry, [receipt],
 * [log]}], after: text|null}.  Current listings, member by member, in the order in which they were
 *          published; ask again with after until it is null (a page may hold fewer than limit, or
 *          none).  A listing that changes meanwhile may come twice, the newer one later.  What a
 *          member signed although it is no valid listing is left out
 * wait     {[vector], [equal: peers], timeout_ms} -> {vector, waited_ms}.  Answers when this node's
 *          vector hash is vector and at least so many peers say that theirs is the same; code
 *          timeout otherwise.  Only fedcatd waits
 * witness  {count, timeout_ms} -> {wanted, found}.  Asks so many other members' nodes to cosign our
 *          newest checkpoint; answers when they have, or when the time is over with how many have.
 *          code busy when another asks already.  Only fedcatd can ask
 * keys     {} -> {}.  There are new keys in the directory: fedcatd uses them when they count
 *          (node/rotation.h)
 * pull     {} -> {}.  What is known of and lacking is fetched now, although the setting pull says
 *          that it waits; status tells how much.  Only fedcatd does
 * stop     {} -> {}.  fedcatd finishes what it is writing and exits
 * bundle-take  {items: [{log: index, head: base64 of a note} | {chunk: base64}, ...]} -> {results:
 *          [{result, member|null, from, to, held}, ...]}.  At most 64 items, which are taken as
 *          those of a peer are, the heads first (node/bundle.h).  from and to are the entries of a
 *          chunk, held how many are held of its log now.  result is "taken", "held" (already),
 *          "gap" (what comes before from is not held), "spanned" (begin anew: bundle-back),
 *          "no-checkpoint" (its head is not known), "no-member", "marked" (the log is forked or
 *          broken), "unproven", "contradiction" (the log is marked now), "withheld" (what was
 *          pruned hid something current; the log has stepped back), "damaged"
 * bundle-back  {member} -> {}.  Forget what is held of a log that is not our own
 *
 * Publishing, for a node with its member's key.  One run at a time; a run ends with its connection
 * or with an error (what was not acknowledged as kept may or may not be there: publish again).
 * publish-begin   {[withdraw_missing], [yes], [dry], [force_new_log]} -> {member, live}.  dry
 *                 counts and changes nothing; all else is refused with unconfirmed until enough
 *                 members have told, since the start, where our own log stands, and all of it is
 *                 here (gossip/confirm.h).  force_new_log signs without that: it forks the log if
 *                 another node holds more of it
 * publish-put     {items: [{id, listing}, ...]} -> {new, changed, unchanged, kept, rejected: [{id,
 *                 path, found, expected}]}.  A listing that is not valid is counted as seen.  kept
 *                 is how many of the whole run are on disk and signed, or were before
 * publish-reject  {ids: [...]} -> {kept}.  Records that could be named but not shown: they are at
 *                 the source still, so that withdraw_missing leaves them alone
 * publish-end     {} -> {new, changed, unchanged, rejected, withdrawn, live, checkpoint: {size,
 *                 root}|null}.  All is on disk and signed.  With withdraw_missing, listings that
 *                 the run did not name are withdrawn; code refused, the puts kept, when that is
 *                 more than NODE_CONTROL_MISSING_PERCENT of those before it, unless yes
 * publish-abort   {} -> {}
 * withdraw        {id, [reason], [erase], [force_new_log]} -> {checkpoint: {size, root}}. Likewise.
 *                 With erase the bodies of all its versions go from every node that this reaches;
 *                 one that is withdrawn already can be erased, too
 *
 * Threads  node_control_handle() runs requests of kind READ on any thread, several at once, those
 * of kind WRITE one at a time; node_control_kind() tells which is which.
 */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H

#include "catalog/buffer.h"
#include "catalog/charter.h"
#include "catalog/checkpoint.h"
#include "catalog/store.h"
#include "catalog/value.h"
#include "node/error.h"

#define NODE_CONTROL_REQUEST_MAX     (1024u * 1024)
#define NODE_CONTROL_REPLY_MAX       (4u * 1024 * 1024)
#define NODE_CONTROL_WINDOW          4
#define NODE_CONTROL_MISSING_PERCENT 20
#define NODE_CONTROL_HEADER_BYTES    4

struct node_peers;
struct node_control;
struct node_session; /* what one client has under way: its publishing run */

enum node_control_kind {
	NODE_CONTROL_READ,  /* a snapshot of the store: any thread */
	NODE_CONTROL_WRITE, /* may change the store: the writer */
	NODE_CONTROL_LOOP,  /* wait, stop: fedcatd's loop answers these itself */
	NODE_CONTROL_BAD,   /* no such request; node_control_handle() says why */
};

/* What requests are answered from.  All borrowed for the life of the control. */
struct node_control_options {
	struct catalog_store *store;
	struct catalog_charter *charter;     /* amended as amendments come */
	const struct catalog_member *member; /* whose node this is; NULL: of none */
	const struct catalog_secret *secret; /* NULL: cannot publish */
	struct node_peers *peers;            /* NULL: no fedcatd */
	const char *public_url; /* of our HTTP, for others (node/evidence.h); NULL: none */
	size_t others; /* without fedcatd: how many members must be asked before anything is signed
			*/
};

/* The caller owns *ret_control.  Returns 0, -ENOMEM. */
int node_control_new(const struct node_control_options *options, struct node_control **ret_control);
void node_control_free(struct node_control *control); /* after its sessions */

/* Returns 0, -ENOMEM.  Ending a session ends its publishing run: on the writer. */
int node_control_session_new(struct node_control *control, struct node_session **ret_session);
void node_control_session_free(struct node_session *session);

enum node_control_kind node_control_kind(const struct catalog_value *request);

/* Carry out a request.  The answer is the inside of "ok"; the caller owns it.
 * Returns 0, or a negative errno with a sentence. */
int node_control_handle(struct node_session *session, const struct catalog_value *request,
			struct catalog_value **ret_answer, struct node_error *ret_error);

#endif
