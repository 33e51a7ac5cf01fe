#include "catalog/checkpoint.h"
