#include "catalog/codec.h"
