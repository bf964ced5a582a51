"""The dimuon analysis: the mass of the Z boson and a limit on a Z', from simulated collisions and from real ones.

Events become dimuons, dimuons become shapes, shapes become results, and results become a report: one module each, to
be read in this order. The physics is in `physics`.
"""

from tasks.dimuon.dimuons import CorrectionTable, MuonCorrections, SelectDimuons
from tasks.dimuon.events import FetchOpenData, GenerateEvents, PseudoData
from tasks.dimuon.results import FitRealData, FitZPeak, Limit
from tasks.dimuon.shapes import ClassifierScores, Histograms, MergeHistograms, TrainClassifier
from tasks.dimuon.summary import Plots, Report

__all__ = [
    "ClassifierScores",
    "CorrectionTable",
    "FetchOpenData",
    "FitRealData",
    "FitZPeak",
    "GenerateEvents",
    "Histograms",
    "Limit",
    "MergeHistograms",
    "MuonCorrections",
    "Plots",
    "PseudoData",
    "Report",
    "SelectDimuons",
    "TrainClassifier",
]
