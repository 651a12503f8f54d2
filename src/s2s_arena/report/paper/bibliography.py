"""What the methods paragraph cites: bibliographic facts, checked against the works' own pages."""

ENTRIES: dict[str, str] = {
    "s2sarena": """@inproceedings{s2sarena,
  title = {{S2S-Arena}: Evaluating Paralinguistic Instruction Following in Speech-to-Speech Models},
  author = {Jiang, Feng and Lin, Zhiyu and Liu, Yiyang and Xue, Liumeng and Bu, Fan and Du, Yuhao and
            Chen, Xiangying and Wang, Benyou and Li, Haizhou},
  booktitle = {Proceedings of the 64th Annual Meeting of the Association for Computational Linguistics
               (Volume 1: Long Papers)},
  year = {2026},
  pages = {34962--34978},
  url = {https://aclanthology.org/2026.acl-long.1615/}
}""",
    "elo": """@book{elo,
  title = {The Rating of Chessplayers, Past and Present},
  author = {Elo, Arpad E.},
  publisher = {Arco},
  year = {1978}
}""",
    "bradleyterry": """@article{bradleyterry,
  title = {Rank Analysis of Incomplete Block Designs: {I}. The Method of Paired Comparisons},
  author = {Bradley, Ralph Allan and Terry, Milton E.},
  journal = {Biometrika},
  volume = {39},
  number = {3/4},
  pages = {324--345},
  year = {1952}
}""",
    "davidson": """@article{davidson,
  title = {On Extending the {Bradley}-{Terry} Model to Accommodate Ties in Paired Comparison Experiments},
  author = {Davidson, Roger R.},
  journal = {Journal of the American Statistical Association},
  volume = {65},
  number = {329},
  pages = {317--328},
  year = {1970}
}""",
    "efron": """@article{efron,
  title = {Bootstrap Methods: Another Look at the Jackknife},
  author = {Efron, Bradley},
  journal = {The Annals of Statistics},
  volume = {7},
  number = {1},
  pages = {1--26},
  year = {1979}
}""",
    "hothorn": """@article{hothorn,
  title = {Simultaneous Inference in General Parametric Models},
  author = {Hothorn, Torsten and Bretz, Frank and Westfall, Peter},
  journal = {Biometrical Journal},
  volume = {50},
  number = {3},
  pages = {346--363},
  year = {2008}
}""",
    "cohen": """@article{cohen,
  title = {A Coefficient of Agreement for Nominal Scales},
  author = {Cohen, Jacob},
  journal = {Educational and Psychological Measurement},
  volume = {20},
  number = {1},
  pages = {37--46},
  year = {1960}
}""",
    "wilson": """@article{wilson,
  title = {Probable Inference, the Law of Succession, and Statistical Inference},
  author = {Wilson, Edwin B.},
  journal = {Journal of the American Statistical Association},
  volume = {22},
  number = {158},
  pages = {209--212},
  year = {1927}
}""",
}
"""BibTeX entries by key."""


def bibliography(keys: set[str]) -> str:
    """The entries of these keys, in the order of `ENTRIES`."""
    return "\n\n".join(entry for key, entry in ENTRIES.items() if key in keys) + "\n"
