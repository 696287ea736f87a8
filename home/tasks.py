"""What the worker does for pages."""

from django_tasks import task

from home import publishing


@task()
def publish_scheduled() -> None:
    publishing.publish_due()
