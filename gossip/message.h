/* gossip/message.h - what nodes say to each other, in msgpack: written and read here, judged in
 * gossip/node. */
#ifndef GOSSIP_MESSAGE_H
#define GOSSIP_MESSAGE_H

#endif
