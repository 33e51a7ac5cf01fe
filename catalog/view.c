#include "catalog/view.h"
