#include "catalog/merkle.h"
