"""The physics of the dimuon analysis as plain functions, which know nothing of tasks.

Its modules import what is heavy inside of functions: to index tasks, or to digest their code, loads none of it.
"""
