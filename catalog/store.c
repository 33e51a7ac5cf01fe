#include "catalog/store.h"
