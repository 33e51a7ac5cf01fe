#include "gossip/frame.h"
