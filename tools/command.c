#include "tools/command.h"

#include <string.h>

/* clang-format off: rows are read as text */

static const struct tools_exit_row exits[] = {
	{TOOLS_EXIT_OK, "ok", "Done."},
	{TOOLS_EXIT_FAILED, "failed", "It could not be done; the error says why and what to do."},
	{TOOLS_EXIT_USAGE, "usage",
	 "The command line, or a value in it, is not one that the command takes."},
	{TOOLS_EXIT_NOT_FOUND, "not-found", "No such listing, member or file."},
	{TOOLS_EXIT_REFUSED, "refused",
	 "A rule that protects data refused: too much would be withdrawn, something that exists "
	 "would be "
	 "overwritten, this node has no key to sign with, or the other members have not been "
	 "asked yet where this log stands."},
	{TOOLS_EXIT_REJECTED, "rejected",
	 "--strict: a record was not good, and nothing was published."},
	{TOOLS_EXIT_UNVERIFIED, "unverified",
	 "What was found does not verify against its member's signature or key."},
	{TOOLS_EXIT_BUSY, "busy",
	 "Another process has the node's store, or the time given ran out."},
	{TOOLS_EXIT_DAMAGED, "damaged",
	 "The store, or a file given, is not whole: something in it was changed or is missing."},
	{TOOLS_EXIT_INTERRUPTED, "interrupted",
	 "Stopped by Ctrl-C or SIGTERM; what was done by then was said."},
};

static const struct tools_option common[] = {
	{"dir", "DIR",
	 "The node's directory. Default: $FEDCAT_DIR, else $XDG_DATA_HOME/fedcat, else "
	 "~/.local/share/fedcat.",
	 NULL},
	{"json", NULL,
	 "Answer in JSON, one line; an error is {\"error\": {\"code\", \"text\"}} on standard "
	 "error.",
	 NULL},
	{"help", NULL, "Say what the command does, with an example.", NULL},
	{NULL, NULL, NULL, NULL},
};

#define FORMATS "auto datajson ckan jsonld turtle ntriples rdfxml csv native"

static const char *const create_text[] = {
	"Makes the charter that says what the federation is: its name, its members with their "
	"keys, and the "
	"council, which is all the members (the first 64, if there are more). Decisions of the "
	"council need a majority of it, or as "
	"many as "
	"--threshold says. A federation of one member is a federation.",
	"Each --member is NAME=TITLE,country=CC and may go on with sector=WORD and "
	"address=HOST:PORT (that "
	"more than once). NAME is short and for ever: 1 to 40 of a-z, 0-9 and -. CC is two letters "
	"of ISO 3166-1. "
	"A comma in the title is fine. The key of the member's node is made, too; node=KEY adds "
	"another node, a mirror say, by the 64 digits that fedcat key show prints.",
	"In the directory of --out there are then the file charter, which every member gets, and "
	"one directory for each "
	"member, ready for fedcatd: the charter again, the member's secret key and its node's, "
	"which only "
	"that member may "
	"have. Send it to them by a way that you trust. All of it appears at once or not at all.",
	NULL};

static const char *const init_text[] = {
	"Makes the directory of a node from a federation's "
	"charter. With --key, the secret key of a member, the node "
	"can publish as that member; the key file is copied with "
	"mode 0600. Without, it is a mirror: it holds the "
	"whole catalogue, answers about it and serves other nodes.",
	"A node speaks to others with a key of its own, node.key: that "
	"of --node-key, or the one beside the member's key, or a new "
	"one. Other nodes refuse it until the charter names it.",
	"The charter is verified first. A directory that holds a "
	"node already is left as it is, with exit code 4.",
	NULL};

#define SIGNING_OPTIONS                                                                            \
	{"timeout", "SECONDS",                                                                     \
	 "How long to wait at most until the other members have been asked where this log "        \
	 "stands. Default: 60.",                                                                   \
	 NULL},                                                                                    \
	{                                                                                          \
		"force-new-log", NULL,                                                             \
			"Sign without waiting for their answers. If another node holds more of "   \
			"this log, that forks it, which cannot be taken back.",                    \
			NULL                                                                       \
	}

#define SIGNING_TEXT                                                                               \
	"After a start the node asks three other members, or all there are, where its own log "    \
	"stands, and fetches what it lacks, before it signs anything: so a lost or restored "      \
	"store never forks the log. The command waits for that. Without fedcatd nobody can be "    \
	"asked, and nothing is signed unless there is nobody to ask. --force-new-log signs all "   \
	"the same."

static const char *const key_show_text[] = {"Shows the keys of this directory as people read them "
					    "aloud: the member's, which signs, and the "
					    "node's, with which it speaks to other nodes, and "
					    "whether the charter names them. Nothing secret is "
					    "shown and no passphrase is asked for.",
					    NULL};

static const char *const key_make_text[] = {
	"Makes the key of a node and writes it to FILE, for a node that has no directory yet: a "
	"mirror, say. "
	"It prints the public key, which the one who founds the federation needs (node=KEY).",
	NULL};

static const char *const key_encrypt_text[] = {
	"Puts the member's key under a passphrase, or under another one. It is asked for at the "
	"terminal, "
	"without echo; or it is the first line of the file that FEDCAT_PASSPHRASE_FILE names. To "
	"change it, "
	"decrypt first when it comes from a file.",
	"From then on fedcatd needs it to start, and so do publish and withdraw where no fedcatd "
	"runs. Nobody "
	"can open the key without it: keep a backup of the key or of the passphrase.",
	NULL};

static const char *const key_decrypt_text[] = {
	"Writes the member's key in clear again, readable by its owner only.", NULL};

static const char *const key_backup_text[] = {"Copies the charter, the member's key, encrypted if "
					      "it is, and the node's into a new directory, and "
					      "reads them back. Keep it apart from this machine. A "
					      "directory that is there already is left as it "
					      "is, with exit code 4.",
					      NULL};

static const char *const publish_text[] = {
	"Reads catalogues and mirrors them in this member's log: a listing that is new or has "
	"changed is appended and "
	"signed; one that has not changed appends nothing, so publishing the same file again does "
	"nothing. The format "
	"is found by looking at the content: DCAT-US data.json, CKAN, DCAT as JSON-LD, Turtle, "
	"N-Triples or RDF/XML, CSV, "
	"and what `fedcat export --format native` writes. A FILE of - is standard input.",
	"A record that cannot be named or shown is rejected and reported with its place and the "
	"reason; it never "
	"stops the others. What has one plain meaning (a date in a common style, an empty string "
	"for nothing) is "
	"repaired, with the original kept beside it.",
	"With --strict everything is read and checked first. At the first bad record the command "
	"ends with exit "
	"code 5 and nothing of any file has been published.",
	"With --withdraw-missing, listings of this member that no file names are withdrawn at the "
	"end. When that would be more than "
	"20 % of its listings the command refuses with exit code 4: what is in the files is "
	"published, and nothing is "
	"withdrawn. --yes withdraws them all the same. A rejected record whose name is known "
	"counts as named. A file "
	"that cannot be read to its end withdraws nothing.",
	"With --witnesses N the nodes of N other members are asked, when all is published, to "
	"cosign the checkpoint: each holds all of it then, and has signed no other history of this "
	"log. When fewer did within 60 s the command ends with exit code 4; what was published "
	"stays. Receipts carry the cosignatures, and `fedcat verify --witnesses N` demands them.",
	"Without --withdraw-missing, Ctrl-C and a file that cannot be read further both end the "
	"run in order: what was sent by then is "
	"signed and on disk, and the report says how much. With it, the run is given up: batches "
	"that were "
	"complete are published. Either way the log is whole, and publishing again completes it.",
	SIGNING_TEXT,
	NULL};

static const char *const withdraw_text[] = {"Appends a withdrawal to this member's log. Every node "
					    "then answers that the listing was withdrawn, "
					    "when and why. To list it again, publish it again.",
					    "Older versions stay in the history for a while. "
					    "With --erase every node that the withdrawal "
					    "reaches drops them at once, and keeps only hashes "
					    "that tell nothing of them; all other proofs still "
					    "hold.",
					    SIGNING_TEXT, NULL};

static const char *const reindex_text[] = {
	"Takes each listing out of the search index and puts it in again, a few hundred at a time; "
	"searches find everything meanwhile, and publishing goes on. Interrupted, it is finished by "
	"fedcatd, which also does it by itself after an upgrade that changes the index.",
	NULL};

static const char *const search_text[] = {
	"Searches titles, descriptions, keywords and names in every script. Words are found in "
	"their inflected "
	"forms. Several words must all be there. Without a query, everything that the filters let "
	"through is listed.",
	"Also: \"words as they stand\", agri* for words that begin so, -word for those without it, "
	"OR, parentheses, title:word, country:KE, issued:2020..2024. docs/search.md has all of it.",
	"--country finds data about that country where the listing says what it covers, and "
	"listings of that "
	"country's members where it does not.",
	NULL};

static const char *const show_text[] = {
	"Prints a listing in the language asked for, as far as it has it, and its proof: who "
	"signed, with which key, which entry of the "
	"member's log it is, under which checkpoint. The proof is checked at that moment, on this "
	"machine; exit "
	"code 6 says that it does not hold.",
	"An ID without a member means this node's own listing, else that of the one member that "
	"has it.",
	"A listing that was withdrawn says so, with when and why; the exit code is 0.", NULL};

static const char *const prove_text[] = {
	"Writes a receipt: a file that shows to anybody, without this node and without a network, "
	"that a "
	"member lists a dataset, that this is its newest version or that it was withdrawn, as of "
	"the newest "
	"checkpoint that the member signed. `fedcat verify` checks it.",
	"With --absent it shows that the member lists no such dataset: that it never did, or that "
	"it withdrew "
	"it. With --entry it shows an older version, and says that it is one.",
	"The receipt goes to standard output, or with --output to a file, and what it shows is "
	"said on the "
	"other. Its form is C2SP tlog-proof; docs/formats.md has it byte by byte.",
	NULL};

static const char *const verify_text[] = {
	"Checks a receipt that `fedcat prove` wrote and says what it proves, by whom, as of when. "
	"It needs no node "
	"and no network: only the federation's charter, or the key of the member. Without "
	"--charter and --key it "
	"takes the charter of the node in --dir.",
	"A charter is as good as the way it came by. Its federation's id, which `fedcat status "
	"--json` shows, is short "
	"enough to compare by another way: --federation does.",
	"Whatever does not hold ends with exit code 6 and names what failed. A receipt of an older "
	"version is "
	"proven as that, with exit code 0; --json tells the claim: current, withdrawn, superseded "
	"or absent. - reads from standard input.",
	"It checks the proof of a fork (`fedcat fork show`) as well, by the charter, and says "
	"which "
	"two checkpoints its member signed.",
	NULL};

static const char *const join_text[] = {
	"Makes a node's directory with the federation's charter, a member's key and a node's key, "
	"and "
	"prints a request to be admitted, signed with that key, for a member of the council. The "
	"keys stay in the directory. Asked again it makes no other keys.",
	"A node that is started in the directory waits until the charter admits its member, and "
	"then "
	"begins to publish.",
	NULL,
};

static const char *const charter_show_text[] = {
	"Shows what the federation's charter says as this node knows it: its name, its council and "
	"its members. With a file that `fedcat charter propose` wrote, shows what that amendment "
	"would change and who has signed it.",
	NULL,
};

static const char *const charter_propose_text[] = {
	"Writes an amendment of the charter and signs it, if this node's member is on the council. "
	"When that is enough, as with a council of one, the node takes it at once and tells the "
	"others. Otherwise it is written to a file that the others of the council sign.",
	"Several changes in one amendment are decided together. Where a line is drawn in a "
	"member's "
	"log (rotate, suspend, readmit, expel) it is at the newest checkpoint that this node holds "
	"whole: every node that is ahead of it steps back to it.",
	"With --online nobody sends a file: the amendment and this member's vote go into its log, "
	"the "
	"others of the council vote with `fedcat charter vote`, and whichever node holds enough "
	"votes puts it in force. It can be voted for as long as --days says.",
	"A member that may have signed more than this node holds when it was suspended comes back "
	"with a new key: give --readmit and --rotate together.",
	NULL,
};

static const char *const charter_sign_text[] = {
	"Adds the signature of this node's member, which must be on the council, to an amendment "
	"in "
	"a file, and shows what it changes.",
	NULL,
};

static const char *const charter_submit_text[] = {
	"Hands an amendment that enough of the council have signed to the node, which takes it, "
	"does what it says and tells the others.",
	NULL,
};

static const char *const charter_vote_text[] = {
	"Puts this member's vote for a motion into its log; --online of `fedcat charter propose` "
	"made it, and `fedcat charter list` shows its ID, of which the first 8 digits are enough. "
	"When the vote is the last one needed, the amendment is in force at once.",
	"A vote is a signature on the amendment. It cannot be taken back.",
	NULL,
};

static const char *const charter_list_text[] = {
	"Lists what members of the council have proposed online: what is open, with what it "
	"changes and who has voted for it, and what was adopted, has expired or was overtaken "
	"by another amendment.",
	NULL,
};

static const char *const fork_text[] = {
	"A member whose key signs two histories of its log has forked it: some are shown one and "
	"some the other. Whoever sees both can prove it, with nothing but the two checkpoints and "
	"what the trees say of one place. Nodes tell each other such a proof ahead of all else, "
	"keep it, and take nothing more of that log until the federation's charter decides; what "
	"they held stays readable.",
	"This shows the proof that this node holds of a member, verified here, and writes it to a "
	"file with --output. `fedcat verify FILE --charter CHARTER` checks it anywhere.",
	NULL};

static const char *const export_text[] = {
	"Writes current listings to standard output or a file, in the order in which they were "
	"published: jsonld "
	"(DCAT-AP 3), datajson (DCAT-US 1.1), ntriples, or native, our own JSON lines. With --json "
	"the format is native "
	"unless --format says otherwise. Memory stays bounded however many there are.",
	"With --output the file appears when it is complete, in place of an older one.", NULL};

static const char *const health_text[] = {
	"Asks fedcatd, looks at the disk, and prints one line. It ends with 1 when the node is "
	"unhealthy: fedcatd does not run or does not answer, its store cannot be read, or less "
	"than 64 MB of disk are left. That wants somebody now, or a restart.",
	"Degraded is what does not keep the node from answering, and what a restart does not "
	"mend: less than 1 GB of disk, no other node linked or this member's log not confirmed "
	"two minutes after the start, a log that is marked as forked or broken, a member not heard "
	"of for two days, a clock that is wrong. It ends with 0 then, or with --strict 1.",
	NULL,
};

static const char *const bundle_export_text[] = {
	"Writes what this node holds, entries with the signed checkpoints that prove them, into a "
	"file that another node of the federation can import: on a USB stick, say, where there is no "
	"network. It works beside a fedcatd that runs, and nothing in the file needs to be believed.",
	"With --since it leaves out what an earlier bundle brought, or what the other node holds "
	"already: VECTOR is what `fedcat bundle vector` prints there, nbs=1204,moh=88, or a file with "
	"that in it. Where history was pruned meanwhile all of that log is written.",
	NULL};

static const char *const bundle_import_text[] = {
	"Takes what bundles bring, verified as if it came from another node, and tells other nodes of "
	"it when fedcatd runs. What is held already is passed over, so a bundle can be imported again "
	"and an import that was stopped goes on. Several files can be given in any order.",
	"Of a file that is cut off or damaged it takes what is whole, says so, and ends with exit code "
	"8. When an earlier bundle is missing it says which entries, and ends with 3.",
	NULL};

static const char *const bundle_vector_text[] = {
	"Prints how many entries this node holds of each log, for `fedcat bundle export --since` at "
	"another node.",
	NULL};

static const char *const audit_text[] = {
	"Verifies everything in the node's store again, trusting nothing of it: every checkpoint's "
	"signature, every entry against the signed root, the trees, the current view, and the "
	"search index. It reads beside a fedcatd that runs. The first damage is named, and the exit "
	"code is 8.",
	"With --repair it mends what is damaged, and no more: what can be made anew from what is "
	"good is made anew; else the log goes back to before the damage, and the rest is fetched "
	"again when fedcatd runs. fedcatd must be stopped for that. When entries of this member's "
	"own log would go, which perhaps no other node holds, it asks for --yes first.",
	"When the pages of the store's file are damaged nothing can be mended in it: stop fedcatd, "
	"move the directory store away, and start fedcatd. Everything comes back from the other "
	"nodes.",
	NULL,
};

static const char *const status_text[] = {
	"Shows the federation, whose node this is, whether fedcatd runs, what it holds of each "
	"member, and its peers. The vector "
	"is a hash over the size and root of every log: two nodes that show the same one hold the "
	"same catalogue.",
	"\"Current as of\" is when a member last said, signed, that the newest checkpoint known "
	"here is "
	"its newest; its node says so once a day. When that is more than two days old there is a "
	"warning: either that node is down, or its news do not come through. A member that has "
	"signed two histories of its log is shown as forked, with the two checkpoints.",
	"With --wait-equal it waits first until the node's peers, at least so many, say that their "
	"vector is the same as this node's, "
	"and with --vector, until this node's own is that one; exit code 7 when --timeout runs out "
	"before. Only a running "
	"fedcatd can wait.",
	NULL};

static const char *const members_text[] = {
	"Lists the members of the federation as its charter names them, with the fingerprint of "
	"each key to compare by another way.",
	NULL};

static const char *const stop_text[] = {
	"Asks fedcatd to stop, and waits until it has: it finishes what it is writing. When none "
	"runs there is nothing to do, which is fine.",
	NULL};

#define LANG_OPTION                                                                                \
	{                                                                                          \
		"lang", "LANG",                                                                    \
			"The language to prefer, as in fr, pt-BR, zh. Default: that of the "       \
			"environment (LC_ALL, LC_MESSAGES, LANG).",                                \
			NULL                                                                       \
	}

static const struct tools_command table[] = {
	{
		"federation create",
		"Set up",
		"NAME",
		1,
		1,
		"found a federation: its charter, and a directory for each member's node",
		create_text,
		{
			{"member", "SPEC",
			 "A member: NAME=TITLE,country=CC[,sector=WORD][,address=HOST:PORT]"
			 "[,node=KEY]. Give it once for each.",
			 NULL},
			{"threshold", "N",
			 "How many members must agree to change the charter. Default: a majority.",
			 NULL},
			{"out", "DIR",
			 "Where to make it all. Default: the federation's name in small letters.",
			 NULL},
		},
		"fedcat federation create \"Health and Data\" --member \"nbs=National Bureau of "
		"Statistics,country=KE,sector=statistics\" --out hd",
		"makes hd/charter and hd/nbs, the directory for the bureau's node",
		{TOOLS_EXIT_REFUSED, TOOLS_EXIT_OK},
	},
	{
		"init",
		"Set up",
		"",
		0,
		0,
		"make a node's directory from a federation's charter",
		init_text,
		{
			{"charter", "FILE", "The federation's charter.", NULL},
			{"key", "FILE", "The member's secret key. Without: a mirror.", NULL},
			{"node-key", "FILE",
			 "The node's own secret key. Default: node.key beside the member's key, or "
			 "a "
			 "new one.",
			 NULL},
		},
		"fedcat init --charter hd/charter --dir mirror",
		"makes the directory of a node that mirrors the federation's catalogue",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_OK},
	},
	{
		"join",
		"Set up",
		"CHARTER",
		1,
		1,
		"make keys, and a request to be admitted to a federation",
		join_text,
		{
			{"as", "SPEC",
			 "Who joins: NAME=TITLE,country=CC[,sector=WORD][,address=HOST:PORT].",
			 NULL},
		},
		"fedcat join charter --as \"moh=Ministry of Health,country=UG\" --dir moh",
		"makes the directory moh, and prints what to send to the council",
		{TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_OK},
	},
	{
		"charter show",
		"Govern",
		"[FILE]",
		0,
		1,
		"show the charter, or an amendment in a file",
		charter_show_text,
		{{0}},
		"fedcat charter show amendment-4.txt",
		"shows what the amendment would change, and who has signed it",
		{TOOLS_EXIT_REFUSED, TOOLS_EXIT_OK},
	},
	{
		"charter propose",
		"Govern",
		"",
		0,
		0,
		"write an amendment of the charter and sign it",
		charter_propose_text,
		{
			{"admit", "SPEC",
			 "A member: NAME=TITLE,key=KEY,country=CC[,sector=WORD][,address=HOST:PORT]"
			 "[,node=KEY].",
			 NULL},
			{"admit-request", "FILE", "A member, by what `fedcat join` printed.", NULL},
			{"rotate", "NAME=KEY", "Give a member another key from here on.", NULL},
			{"suspend", "NAME", "Have a member's log end here.", NULL},
			{"readmit", "NAME", "Let a suspended member's log go on.", NULL},
			{"expel", "NAME", "Have a member's log end here, for ever.", NULL},
			{"council", "NAME,...", "The new council: members, or keys.", NULL},
			{"threshold", "N",
			 "How many of the new council must sign. Default: a majority.", NULL},
			{"name", "TEXT", "Call the federation otherwise.", NULL},
			{"output", "FILE",
			 "Write the amendment here, even if it needs no other signature.", NULL},
			{"online", NULL, "Have the council vote for it with their nodes.", NULL},
			{"days", "N",
			 "With --online: how long it can be voted for, at most 365. Default: 14.",
			 NULL},
			SIGNING_OPTIONS,
		},
		"fedcat charter propose --suspend nbs",
		"has the log of nbs end at its newest checkpoint, once enough have signed",
		{TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"charter sign",
		"Govern",
		"FILE",
		1,
		1,
		"sign an amendment in a file",
		charter_sign_text,
		{{0}},
		"fedcat charter sign amendment-4.txt",
		"adds this member's signature to the file",
		{TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_OK},
	},
	{
		"charter submit",
		"Govern",
		"FILE",
		1,
		1,
		"hand a signed amendment to the node",
		charter_submit_text,
		{{0}},
		"fedcat charter submit amendment-4.txt",
		"puts the amendment in force everywhere",
		{TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"charter vote",
		"Govern",
		"ID",
		1,
		1,
		"vote for an amendment that was proposed online",
		charter_vote_text,
		{
			SIGNING_OPTIONS,
		},
		"fedcat charter vote 3f9a07c1",
		"votes for the motion whose id begins so",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_BUSY,
		 TOOLS_EXIT_OK},
	},
	{
		"charter list",
		"Govern",
		"",
		0,
		0,
		"list what was proposed online, and what became of it",
		charter_list_text,
		{{0}},
		"fedcat charter list --json",
		"shows the motions, their state and their votes, for a program",
		{TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"key show",
		"Set up",
		"",
		0,
		0,
		"show the keys of the member and of the node",
		key_show_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat key show --dir hd/nbs",
		"shows both keys, for somebody who compares them on the telephone",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_OK},
	},
	{
		"key make",
		"Set up",
		"FILE",
		1,
		1,
		"make a node's key, to be named in a charter",
		key_make_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat key make mirror.key",
		"writes mirror.key and prints its public half",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_OK},
	},
	{
		"key encrypt",
		"Set up",
		"",
		0,
		0,
		"put the member's key under a passphrase",
		key_encrypt_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat key encrypt --dir hd/nbs",
		"asks for a passphrase twice, and encrypts hd/nbs/member.key",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_OK},
	},
	{
		"key decrypt",
		"Set up",
		"",
		0,
		0,
		"take the passphrase off the member's key",
		key_decrypt_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat key decrypt --dir hd/nbs",
		"asks for the passphrase, and writes the key in clear",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_OK},
	},
	{
		"key backup",
		"Set up",
		"DIR",
		1,
		1,
		"copy keys and charter into a new directory",
		key_backup_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat key backup /media/stick/nbs --dir hd/nbs",
		"makes the directory nbs on the stick",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_OK},
	},
	{
		"publish",
		"Publish",
		"FILE...",
		1,
		(size_t)-1,
		"publish what catalogue files list, as this node's member",
		publish_text,
		{
			{"format", "FORMAT", "The files' format, where the content does not tell.",
			 FORMATS},
			{"lang", "LANG",
			 "The language of text whose language the file does not say, as in fr, "
			 "pt-BR, zh. Default: unknown.",
			 NULL},
			{"strict", NULL, "Publish nothing at all unless every record is good.",
			 NULL},
			{"withdraw-missing", NULL,
			 "Withdraw this member's listings that no file names.", NULL},
			{"yes", NULL, "Withdraw even when that is more than 20 % of the listings.",
			 NULL},
			{"dry-run", NULL, "Only say what would be done.", NULL},
			SIGNING_OPTIONS,
			{"witnesses", "N",
			 "Have the nodes of N other members cosign what is published then.", NULL},
			{"rejects", "N",
			 "Report so many rejected records one by one; the rest are counted. "
			 "Default: 20.",
			 NULL},
		},
		"fedcat publish data.json --withdraw-missing",
		"makes this member's listings exactly those of data.json",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_REJECTED, TOOLS_EXIT_BUSY,
		 TOOLS_EXIT_INTERRUPTED, TOOLS_EXIT_OK},
	},
	{
		"withdraw",
		"Publish",
		"ID",
		1,
		1,
		"withdraw a listing of this node's member",
		withdraw_text,
		{
			{"reason", "TEXT", "Why, for those who look for it.", NULL},
			{"erase", NULL,
			 "Erase it: the bodies of all its versions go from every node that this "
			 "reaches.  For personal data; it cannot be undone.",
			 NULL},
			SIGNING_OPTIONS,
		},
		"fedcat withdraw rice-yield-2019 --reason \"Replaced by rice-yield-2024\"",
		"takes the listing back and says why",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"search",
		"Look",
		"[QUERY]",
		0,
		64,
		"search the catalogue of all members",
		search_text,
		{
			{"member", "MEMBER", "Only listings of this member.", NULL},
			{"country", "COUNTRY", "Only data about this country (ISO 3166-1: KE).",
			 NULL},
			{"theme", "THEME", "Only listings with this theme: a plain name or a URL.",
			 NULL},
			{"sector", "WORD", "Only listings of members of this sector.", NULL},
			{"licence", "LICENCE", "Only under this licence: its URL or words.", NULL},
			{"format", "FORMAT", "Only with a file of this format: csv.", NULL},
			{"access", "RIGHTS", "Only with these access rights: public.", NULL},
			{"language", "LANG", "Only data in this language: sw.", NULL},
			{"keyword", "WORD", "Only with this keyword, as a whole.", NULL},
			{"year", "YEAR", "Only issued in this year.", NULL},
			{"doi", "yes|no", "Only with, or without, a DOI.", NULL},
			{"usage", "TEXT",
			 "Only what policies permit: \"research in KE\". With no: or unknown: before "
			 "it, what they prohibit or do not say.",
			 NULL},
			{"since", "DATE", "Only what was modified on this day or later.", NULL},
			{"time", "FROM..TO", "Only data about any of this time: 1990..2000.", NULL},
			{"bbox", "W,S,E,N", "Only data about any of this box, in degrees.", NULL},
			{"box", "HOW", "meets (standard) or within the box.", NULL},
			{"sort", "ORDER", "relevance (standard), modified or entry: newest first.",
			 NULL},
			{"facets", "NAMES",
			 "Count all that match by theme,year,...; all counts by everything.", NULL},
			{"explain", NULL, "Show what each word adds to a score.", NULL},
			{"cursor", "CURSOR", "Go on after the answer that gave this cursor.", NULL},
			{"limit", "N", "Show so many, 1 to 100. Default: 10.", NULL},
			{"offset", "N", "Leave out the first so many.", NULL},
			LANG_OPTION,
		},
		"fedcat search \"rice yield\" --country VN",
		"finds what any member lists about rice yields in Viet Nam",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"show",
		"Look",
		"[MEMBER/]ID",
		1,
		1,
		"show a listing and its proof",
		show_text,
		{
			LANG_OPTION,
		},
		"fedcat show nbs/rice-yield-2024 --lang fr",
		"shows the listing in French where it has French, and who signed it",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"prove",
		"Look",
		"[MEMBER/]ID",
		1,
		1,
		"write a receipt that proves a listing to anybody",
		prove_text,
		{
			{"absent", NULL, "Prove that there is no such listing.", NULL},
			{"entry", "N", "Prove entry N of the member's log, about this listing.",
			 NULL},
			{"output", "FILE", "Write the receipt to this file.", NULL},
			LANG_OPTION,
		},
		"fedcat prove nbs/rice-yield-2024 --output rice.tlog-proof",
		"writes a file to keep with the data, or to send along with it",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_BUSY,
		 TOOLS_EXIT_OK},
	},
	{
		"verify",
		"Look",
		"FILE",
		1,
		1,
		"check a receipt, without a node and without a network",
		verify_text,
		{
			{"charter", "FILE",
			 "The federation's charter, which tells the members' keys.", NULL},
			{"key", "KEY", "The member's key: 64 hexadecimal digits.", NULL},
			{"federation", "ID",
			 "The federation's id that it must be: 64 hexadecimal digits.", NULL},
			{"witnesses", "N",
			 "Demand that at least N other members cosigned the checkpoint.", NULL},
			LANG_OPTION,
		},
		"fedcat verify rice.tlog-proof --charter hd/charter",
		"says that the bureau lists it, as of when, or what does not hold",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_OK},
	},
	{
		"fork show",
		"Look",
		"MEMBER",
		1,
		1,
		"show the proof that a member has signed two histories",
		fork_text,
		{
			{"output", "FILE", "Write the proof to this file.", NULL},
		},
		"fedcat fork show nbs --output nbs.fork",
		"says which two checkpoints nbs signed, and writes the proof to a file",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"export",
		"Look",
		"",
		0,
		0,
		"write the catalogue in a format that other programs read",
		export_text,
		{
			{"format", "EXPORT", "The format. Default: jsonld.",
			 "jsonld datajson ntriples native"},
			{"member", "MEMBER", "Only listings of this member.", NULL},
			{"output", "FILE", "Write to this file.", NULL},
		},
		"fedcat export --member nbs --output nbs.jsonld",
		"writes what nbs lists now as DCAT-AP 3 in JSON-LD",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_BUSY, TOOLS_EXIT_INTERRUPTED, TOOLS_EXIT_OK},
	},
	{
		"bundle export",
		"Carry",
		"FILE",
		1,
		1,
		"write what this node holds into a file for another node",
		bundle_export_text,
		{
			{"since", "VECTOR",
			 "Leave out what this bundle, a file, has, or what this vector says is held.",
			 NULL},
			{"member", "MEMBER", "Only the log of this member.", NULL},
		},
		"fedcat bundle export /media/usb/tuesday --since /media/usb/monday",
		"writes what has come since Monday's bundle",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_DAMAGED,
		 TOOLS_EXIT_INTERRUPTED, TOOLS_EXIT_OK},
	},
	{
		"bundle import",
		"Carry",
		"FILE...",
		1,
		(size_t)-1,
		"take what bundles bring",
		bundle_import_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat bundle import /media/usb/*",
		"takes all that is on the stick, in whatever order it must",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_UNVERIFIED, TOOLS_EXIT_BUSY, TOOLS_EXIT_DAMAGED,
		 TOOLS_EXIT_INTERRUPTED, TOOLS_EXIT_OK},
	},
	{
		"bundle vector",
		"Carry",
		"",
		0,
		0,
		"print what this node holds, for a bundle that brings the rest",
		bundle_vector_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat bundle vector > vector",
		"makes a file to give to --since where the bundle is written",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_OK},
	},
	{
		"status",
		"Watch",
		"",
		0,
		0,
		"show what this node holds and whom it talks to",
		status_text,
		{
			{"wait-equal", "N", "Wait until at least N peers hold the same catalogue.",
			 NULL},
			{"vector", "HASH",
			 "Wait until this node holds the catalogue with this vector.", NULL},
			{"timeout", "SECONDS", "How long to wait at most. Default: 60.", NULL},
		},
		"fedcat status --wait-equal 2 --timeout 30",
		"waits until two other nodes hold the same catalogue, then shows the status",
		{TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"members",
		"Watch",
		"",
		0,
		0,
		"list the federation's members and their keys",
		members_text,
		{{NULL, NULL, NULL, NULL}},
		"fedcat members",
		"prints who is in the federation",
		{TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"health",
		"Watch",
		"",
		0,
		0,
		"say whether this node does its work",
		health_text,
		{
			{"strict", NULL, "End with 1 when it is degraded, too.", NULL},
			{"timeout", "SECONDS", "How long fedcatd may take to answer. Default: 5.",
			 NULL},
		},
		"fedcat health || systemctl restart fedcatd",
		"starts a node again that does not answer",
		{TOOLS_EXIT_OK},
	},
	{
		"reindex",
		"Watch",
		"",
		0,
		0,
		"make the search index anew",
		reindex_text,
		{{0}},
		"fedcat reindex",
		"reads each listing again; searches go on meanwhile",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
	{
		"audit",
		"Watch",
		"",
		0,
		0,
		"verify everything that this node's store holds",
		audit_text,
		{
			{"repair", NULL, "Mend what is damaged. fedcatd must not run.", NULL},
			{"yes", NULL,
			 "Mend it even where entries of this member's own log have to be fetched "
			 "from others.",
			 NULL},
		},
		"fedcat audit --dir hd/nbs",
		"says that all is as it was signed, or what is not",
		{TOOLS_EXIT_NOT_FOUND, TOOLS_EXIT_REFUSED, TOOLS_EXIT_BUSY, TOOLS_EXIT_DAMAGED,
		 TOOLS_EXIT_INTERRUPTED, TOOLS_EXIT_OK},
	},
	{
		"stop",
		"Watch",
		"",
		0,
		0,
		"stop the fedcatd that runs in this directory",
		stop_text,
		{
			{"timeout", "SECONDS", "How long to wait for it. Default: 60.", NULL},
		},
		"fedcat stop --dir hd/nbs",
		"ends the bureau's node in order",
		{TOOLS_EXIT_BUSY, TOOLS_EXIT_OK},
	},
};

/* clang-format on */

size_t tools_command_exits(const struct tools_exit_row **ret_rows)
{
	*ret_rows = exits;
	return sizeof exits / sizeof exits[0];
}

size_t tools_command_table(const struct tools_command **ret_commands)
{
	*ret_commands = table;
	return sizeof table / sizeof table[0];
}

const struct tools_option *tools_command_common(void)
{
	return common;
}

const struct tools_command *tools_command_named(const char *name)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}
