#include "catalog/reader.h"
