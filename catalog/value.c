#include "catalog/value.h"
