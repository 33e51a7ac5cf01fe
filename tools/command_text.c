#include "tools/command_text.h"

#include <stddef.h>

/* clang-format off: rows are read as text */

#define SIGNING_TEXT                                                                               \
	"After a start the node asks three other members, or all there are, where its own log "    \
	"stands, and fetches what it lacks, before it signs anything: so a lost or restored "      \
	"store never forks the log. The command waits for that. Without fedcatd nobody can be "    \
	"asked, and nothing is signed unless there is nobody to ask. --force-new-log signs all "   \
	"the same."

const char *const tools_command_text_create[] = {
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

const char *const tools_command_text_init[] = {
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

const char *const tools_command_text_key_show[] = {
	"Shows the keys of this directory as people read them "
	"aloud: the member's, which signs, and the "
	"node's, with which it speaks to other nodes, and "
	"whether the charter names them. Nothing secret is "
	"shown and no passphrase is asked for.",
	NULL};

const char *const tools_command_text_key_make[] = {
	"Makes the key of a node and writes it to FILE, for a node that has no directory yet: a "
	"mirror, say. "
	"It prints the public key, which the one who founds the federation needs (node=KEY).",
	NULL};

const char *const tools_command_text_key_encrypt[] = {
	"Puts the member's key under a passphrase, or under another one. It is asked for at the "
	"terminal, "
	"without echo; or it is the first line of the file that FEDCAT_PASSPHRASE_FILE names. To "
	"change it, "
	"decrypt first when it comes from a file.",
	"From then on fedcatd needs it to start, and so do publish and withdraw where no fedcatd "
	"runs. Nobody "
	"can open the key without it: keep a backup of the key or of the passphrase.",
	NULL};

const char *const tools_command_text_key_decrypt[] = {
	"Writes the member's key in clear again, readable by its owner only.", NULL};

const char *const tools_command_text_key_backup[] = {
	"Copies the charter, the member's key, encrypted if "
	"it is, and the node's into a new directory, and "
	"reads them back. Keep it apart from this machine. A "
	"directory that is there already is left as it "
	"is, with exit code 4.",
	NULL};

const char *const tools_command_text_publish[] = {
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

const char *const tools_command_text_withdraw[] = {
	"Appends a withdrawal to this member's log. Every node "
	"then answers that the listing was withdrawn, "
	"when and why. To list it again, publish it again.",
	"Older versions stay in the history for a while. "
	"With --erase every node that the withdrawal "
	"reaches drops them at once, and keeps only hashes "
	"that tell nothing of them; all other proofs still "
	"hold.",
	SIGNING_TEXT, NULL};

const char *const tools_command_text_reindex[] = {
	"Takes each listing out of the search index and puts it in again, a few hundred at a time; "
	"searches find everything meanwhile, and publishing goes on. Interrupted, it is finished "
	"by "
	"fedcatd, which also does it by itself after an upgrade that changes the index.",
	NULL};

const char *const tools_command_text_search[] = {
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

const char *const tools_command_text_show[] = {
	"Prints a listing in the language asked for, as far as it has it, and its proof: who "
	"signed, with which key, which entry of the "
	"member's log it is, under which checkpoint. The proof is checked at that moment, on this "
	"machine; exit "
	"code 6 says that it does not hold.",
	"An ID without a member means this node's own listing, else that of the one member that "
	"has it.",
	"A listing that was withdrawn says so, with when and why; the exit code is 0.", NULL};

const char *const tools_command_text_prove[] = {
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

const char *const tools_command_text_verify[] = {
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
	"It checks the proof of a fork (`fedcat fork show`), or of a council that signed two "
	"amendments (`fedcat charter conflict`), as well, by the charter, and says "
	"which "
	"two checkpoints its member signed.",
	NULL};

const char *const tools_command_text_join[] = {
	"Makes a node's directory with the federation's charter, a member's key and a node's key, "
	"and "
	"prints a request to be admitted, signed with that key, for a member of the council. The "
	"keys stay in the directory. Asked again it makes no other keys.",
	"A node that is started in the directory waits until the charter admits its member, and "
	"then "
	"begins to publish.",
	"The charter comes from a file, or from an http or https address: that of a node, which "
	"has it "
	"under /charter and also tells where the other nodes are, or of any file on the web. "
	"Without "
	"--federation it is trusted on first use, and the command prints what there is to compare: "
	"the "
	"federation's id, and its council's keys.",
	NULL,
};

const char *const tools_command_text_charter_show[] = {
	"Shows what the federation's charter says as this node knows it: its name, its council and "
	"its members. With a file that `fedcat charter propose` wrote, shows what that amendment "
	"would change and who has signed it.",
	NULL,
};

const char *const tools_command_text_charter_propose[] = {
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

const char *const tools_command_text_charter_sign[] = {
	"Adds the signature of this node's member, which must be on the council, to an amendment "
	"in "
	"a file, and shows what it changes.",
	NULL,
};

const char *const tools_command_text_charter_submit[] = {
	"Hands an amendment that enough of the council have signed to the node, which takes it, "
	"does what it says and tells the others.",
	NULL,
};

const char *const tools_command_text_charter_vote[] = {
	"Puts this member's vote for a motion into its log; --online of `fedcat charter propose` "
	"made it, and `fedcat charter list` shows its ID, of which the first 8 digits are enough. "
	"When the vote is the last one needed, the amendment is in force at once.",
	"A vote is a signature on the amendment. It cannot be taken back.",
	NULL,
};

const char *const tools_command_text_charter_list[] = {
	"Lists what members of the council have proposed online: what is open, with what it "
	"changes and who has voted for it, and what was adopted, has expired or was overtaken "
	"by another amendment.",
	NULL,
};

const char *const tools_command_text_charter_conflict[] = {
	"A council of which enough have signed two amendments of one number has contradicted "
	"itself. "
	"Every node then keeps to the one with the smaller hash, whichever it heard of first, and "
	"what the other decided, with all that followed it, counts nowhere: propose it again. "
	"`fedcat status` says when there is such a case.",
	"This shows the proof that this node holds, verified here, and writes it to a file with "
	"--output. `fedcat verify FILE --charter CHARTER` checks it anywhere.",
	NULL};

const char *const tools_command_text_fork[] = {
	"A member whose key signs two histories of its log has forked it: some are shown one and "
	"some the other. Whoever sees both can prove it, with nothing but the two checkpoints and "
	"what the trees say of one place. Nodes tell each other such a proof ahead of all else, "
	"keep it, and take nothing more of that log until the federation's charter decides; what "
	"they held stays readable.",
	"This shows the proof that this node holds of a member, verified here, and writes it to a "
	"file with --output. `fedcat verify FILE --charter CHARTER` checks it anywhere.",
	NULL};

const char *const tools_command_text_export[] = {
	"Writes current listings to standard output or a file, in the order in which they were "
	"published: jsonld "
	"(DCAT-AP 3), datajson (DCAT-US 1.1), ntriples, or native, our own JSON lines. With --json "
	"the format is native "
	"unless --format says otherwise. Memory stays bounded however many there are.",
	"With --output the file appears when it is complete, in place of an older one.", NULL};

const char *const tools_command_text_health[] = {
	"Asks fedcatd, looks at the disk, and prints one line. It ends with 1 when the node is "
	"unhealthy: fedcatd does not run or does not answer, its store cannot be read, or less "
	"than 64 MB of disk are left. That wants somebody now, or a restart.",
	"Degraded is what does not keep the node from answering, and what a restart does not "
	"mend: less than 1 GB of disk, no other node linked or this member's log not confirmed "
	"two minutes after the start, a log that is marked as forked or broken, a member not heard "
	"of for two days, a clock that is wrong. It ends with 0 then, or with --strict 1.",
	NULL,
};

const char *const tools_command_text_bundle_export[] = {
	"Writes what this node holds, entries with the signed checkpoints that prove them, into a "
	"file that another node of the federation can import: on a USB stick, say, where there is "
	"no "
	"network. It works beside a fedcatd that runs, and nothing in the file needs to be "
	"believed.",
	"With --since it leaves out what an earlier bundle brought, or what the other node holds "
	"already: VECTOR is what `fedcat bundle vector` prints there, nbs=1204,moh=88, or a file "
	"with "
	"that in it. Where history was pruned meanwhile all of that log is written.",
	NULL};

const char *const tools_command_text_bundle_import[] = {
	"Takes what bundles bring, verified as if it came from another node, and tells other nodes "
	"of "
	"it when fedcatd runs. What is held already is passed over, so a bundle can be imported "
	"again "
	"and an import that was stopped goes on. Several files can be given in any order.",
	"Of a file that is cut off or damaged it takes what is whole, says so, and ends with exit "
	"code "
	"8. When an earlier bundle is missing it says which entries, and ends with 3.",
	NULL};

const char *const tools_command_text_bundle_vector[] = {
	"Prints how many entries this node holds of each log, for `fedcat bundle export --since` "
	"at "
	"another node.",
	NULL};

const char *const tools_command_text_audit[] = {
	"Verifies everything in the node's store again, trusting nothing of it: every checkpoint's "
	"signature, every entry against the signed root, the trees, the current view, and the "
	"search index. It reads beside a fedcatd that runs. The first damage is named, and the "
	"exit "
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

const char *const tools_command_text_pull[] = {
	"For a node with \"pull = asked\" or \"pull = 22-06\", on a link that is dear: it hears of "
	"what "
	"others publish, which is little, and fetches it when this command asks, or in those "
	"hours. How much there is to fetch, and how long it takes at the rate seen last or at the "
	"limit, is said first, and asked about on a terminal.",
	"A node with \"pull = always\" fetches by itself; then this command only says what is "
	"under way.",
	NULL,
};

const char *const tools_command_text_status[] = {
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

const char *const tools_command_text_members[] = {
	"Lists the members of the federation as its charter names them, with the fingerprint of "
	"each key to compare by another way.",
	NULL};

const char *const tools_command_text_stop[] = {
	"Asks fedcatd to stop, and waits until it has: it finishes what it is writing. When none "
	"runs there is nothing to do, which is fine.",
	NULL};

const char *const tools_command_text_key_delegate[] = {
	"Puts an entry into this member's log that says: the node with KEY, 64 hexadecimal digits "
	"as "
	"`fedcat key show` and `fedcat key make` print them, speaks for this member, at these "
	"addresses, until then. All nodes let it in, and connect to it, as soon as they have the "
	"entry. It cannot publish: that takes the member's key.",
	"For a node that is named already, what is not given stays as it was, but for how long. A "
	"node "
	"that has its member's key does this for itself (its settings say at which address), and "
	"renews it in time. `fedcat nodes` shows what is named.",
	SIGNING_TEXT,
	NULL,
};

const char *const tools_command_text_key_withdraw[] = {
	"Puts an entry into this member's log by which all nodes refuse the node with KEY from "
	"then on, "
	"also one that the charter names, and end their links with it: when its key was stolen, or "
	"it "
	"is no more. To use it again, name it again.",
	"The node that does this itself goes on with a new key: `fedcat key rotate --node`.",
	SIGNING_TEXT,
	NULL,
};

const char *const tools_command_text_nodes[] = {
	"Shows each node that the charter or a member's log names: its key, what it is, where it "
	"takes "
	"connections, until when it is let in, and whether it is.",
	NULL,
};

const char *const tools_command_text_key_rotate[] = {
	"Makes a new key for this member, member.key.next in the node's directory, and an "
	"amendment of "
	"the charter by which it signs after this member's newest entry; where the present key is "
	"on "
	"the council, the new one takes its place there, too. The council decides as on any "
	"amendment: "
	"in a file that goes round (`fedcat charter sign`), or with --online by votes. Both keys "
	"sign "
	"it here. Given again, it proposes the same key again.",
	"When the amendment is in force, fedcatd takes the new key by itself, and keeps the one "
	"before as "
	"member.key.old. What that one signed after the entry that the amendment names counts no "
	"more, "
	"whoever signed it: publish again what was published meanwhile. A key under a passphrase "
	"needs "
	"FEDCAT_PASSPHRASE_FILE for that; without it fedcatd says so and waits to be started "
	"again.",
	"With --node it makes a new key for the node, node.key.next. A node that has its member's "
	"key "
	"names it in its log, uses it as soon as the linked nodes know it, and then withdraws the "
	"one "
	"before. For a mirror the member does so: `fedcat key delegate`, `fedcat key withdraw`.",
	SIGNING_TEXT,
	NULL,
};
