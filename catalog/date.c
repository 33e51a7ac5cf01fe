#include "catalog/date.h"
