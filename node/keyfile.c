#include "node/keyfile.h"
