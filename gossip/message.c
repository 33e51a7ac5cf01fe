#include "gossip/message.h"
