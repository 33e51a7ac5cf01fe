#include "node/daemon.h"
