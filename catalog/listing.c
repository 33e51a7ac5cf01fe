#include "catalog/listing.h"
