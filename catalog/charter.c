#include "catalog/charter.h"
