#include "catalog/chunk.h"
