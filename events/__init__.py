class Events:
    """Stands in for a class of the package Events, whose module has our app's name.

    opensearch-py imports it for metrics that nobody here collects.
    """

    def __init__(self) -> None:
        raise NotImplementedError("opensearch-py's metrics need the package that this app hides.")
