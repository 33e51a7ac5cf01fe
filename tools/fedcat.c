/* tools/fedcat.c */
int main(void)
{
	return 0;
}
