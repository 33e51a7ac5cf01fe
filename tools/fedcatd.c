/* tools/fedcatd.c */
int main(void)
{
	return 0;
}
