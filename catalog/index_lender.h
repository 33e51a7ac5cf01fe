/* catalog/index_lender.h - lends out what makes words of text, which is dear to make and better
 * with every use: a word that was stemmed for one batch is still known in the next.
 *
 * Threads  a lender is for all.
 */
#ifndef CATALOG_INDEX_LENDER_H
#define CATALOG_INDEX_LENDER_H

struct catalog_index_lender;
struct catalog_index_text;

int catalog_index_lender_new(struct catalog_index_lender **ret_lender); /* 0, -ENOMEM */
void catalog_index_lender_free(struct catalog_index_lender *lender);    /* NULL is allowed */
int catalog_index_lender_borrow(struct catalog_index_lender *lender,
				struct catalog_index_text **ret_text); /* 0, -ENOMEM */
void catalog_index_lender_give_back(struct catalog_index_lender *lender,
				    struct catalog_index_text *text); /* NULL is allowed */

#endif
