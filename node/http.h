#ifndef NODE_HTTP_H
#define NODE_HTTP_H
#endif
