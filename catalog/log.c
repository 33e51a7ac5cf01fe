#include "catalog/log.h"
