#include "catalog/index_lender.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "catalog/index_text.h"

#define IDLE_MAX 4 /* kept for the next borrower */

struct catalog_index_lender {
	pthread_mutex_t lock;
	struct catalog_index_text *idle[IDLE_MAX];
	size_t count;
};

int catalog_index_lender_new(struct catalog_index_lender **ret_lender)
{
	struct catalog_index_lender *lender = calloc(1, sizeof *lender);
	int r;

	if (lender == NULL)
		return -ENOMEM;
	r = pthread_mutex_init(&lender->lock, NULL);
	assert(r == 0);
	*ret_lender = lender;
	return 0;
}

void catalog_index_lender_free(struct catalog_index_lender *lender)
{
	if (lender == NULL)
		return;
	for (size_t i = 0; i < lender->count; i++)
		catalog_index_text_free(lender->idle[i]);
	pthread_mutex_destroy(&lender->lock);
	free(lender);
}

int catalog_index_lender_borrow(struct catalog_index_lender *lender,
				struct catalog_index_text **ret_text)
{
	struct catalog_index_text *text = NULL;

	pthread_mutex_lock(&lender->lock);
	if (lender->count > 0)
		text = lender->idle[--lender->count];
	pthread_mutex_unlock(&lender->lock);
	if (text == NULL)
		return catalog_index_text_new(ret_text);
	*ret_text = text;
	return 0;
}

void catalog_index_lender_give_back(struct catalog_index_lender *lender,
				    struct catalog_index_text *text)
{
	if (text == NULL)
		return;
	pthread_mutex_lock(&lender->lock);
	if (lender->count < IDLE_MAX) {
		lender->idle[lender->count++] = text;
		text = NULL;
	}
	pthread_mutex_unlock(&lender->lock);
	catalog_index_text_free(text);
}
