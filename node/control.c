#include "node/control.h"
