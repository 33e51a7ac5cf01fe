#include "catalog/entry.h"
