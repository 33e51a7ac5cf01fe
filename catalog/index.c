#include "catalog/index.h"
