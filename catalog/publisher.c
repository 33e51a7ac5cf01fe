#include "catalog/publisher.h"
