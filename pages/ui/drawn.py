"""HTML that is drawn once and sent to everybody who watches."""


class Drawn(str):
    """Finished HTML, everything from data in it escaped; st.html sends it as it is.

    A plain string would be searched for common indentation first: 8 ms for five faces, at every refresh of
    every viewer.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)
