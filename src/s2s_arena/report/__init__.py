"""Standings as figures and a folder of pages in which every verdict can be heard."""
