#include "gossip/node.h"
