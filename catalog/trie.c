#include "catalog/trie.h"
