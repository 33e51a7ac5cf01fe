#include "catalog/export.h"
