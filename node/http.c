#include "node/http.h"
