{
  "targets": [
    {
      "target_name": "vigil",
      "type": "none",
      "actions": [
        {
          "action_name": "build_addons",
          "inputs": ["native/build.mjs", "CMakeLists.txt"],
          "outputs": ["<(module_root_dir)/build/native/.built"],
          "action": ["node", "<(module_root_dir)/native/build.mjs"],
          "message": "Building the addons with cmake-js"
        }
      ]
    }
  ]
}
