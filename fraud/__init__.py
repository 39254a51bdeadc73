"""Find the rare fraud in transaction data: weighting the loss against over- and undersampling, judged honestly.

The one rule: nothing knows the future. See ARCHITECTURE.md.
"""

__version__ = "0.2.0"
