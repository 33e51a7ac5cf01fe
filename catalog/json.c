#include "catalog/json.h"
